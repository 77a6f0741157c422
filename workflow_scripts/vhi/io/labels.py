"""Which values a mask may hold."""

from pathlib import Path

import numpy as np

from vhi.io.errors import InputError


def check_labels(path: str | Path, volume: np.ndarray, labels: tuple[int, ...]) -> np.ndarray:
    """Give a volume as uint8; `InputError` where its values are not whole numbers among `labels`."""
    rounded = np.rint(volume)
    broken = np.abs(rounded - volume) > 1e-3  # some tools store labels with a scale, which rounds
    if broken.any():
        raise InputError(
            f"{path}: a mask must hold whole numbers among {_listed(labels)}, found {volume[broken][0]:g}; was it resampled "
            "with interpolation? Export it again with nearest-neighbour sampling"
        )
    unknown = sorted({int(value) for value in np.unique(rounded)} - set(labels))
    if unknown:
        raise InputError(f"{path}: labels must be among {_listed(labels)}, found {_listed(unknown)}")
    return rounded.astype(np.uint8)


def _listed(values) -> str:
    shown = [str(value) for value in values[:9]]
    return ", ".join(shown) + (f", ... ({len(values)} values)" if len(values) > 9 else "")
