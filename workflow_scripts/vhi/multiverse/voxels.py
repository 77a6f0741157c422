"""What a sweep over segmentations needs of a scan, cut to the disease region: made once, read once per limit."""

from dataclasses import dataclass, field

import numpy as np

from vhi.marrow.mode import inner_region


@dataclass(frozen=True)
class Voxels:
    """A scan with what readers made of it, in the box of everything that can count.

    Attributes
    ----------
    shape : tuple of int
        Slices, rows and columns of the box.
    places, stir, marrow : (region,) array
        Voxels of the disease region: flat index in the box, intensity, and whether it is in the patch of normal marrow.
    patch, inner : (voxels,) array
        STIR of the whole patch and of the inner disease region, of which limits are made.
    judged : (slices, rows, columns) uint8 array
        The preliminary segmentation that readers cleaned; zeros where there is none.
    kept : dict of (slices, rows, columns) uint8 array
        What each reader kept of it, by reader.
    composite : (slices, rows, columns) bool array, optional
        Majority of the manual trials.
    """

    shape: tuple[int, ...]
    places: np.ndarray
    stir: np.ndarray
    marrow: np.ndarray
    patch: np.ndarray
    inner: np.ndarray
    judged: np.ndarray
    kept: dict[str, np.ndarray] = field(default_factory=dict)
    composite: np.ndarray | None = None


def packed(
    stir: np.ndarray,
    region: np.ndarray,
    marrow: np.ndarray | None,
    judged: np.ndarray | None,
    kept: dict[str, np.ndarray],
    composite: np.ndarray | None,
) -> dict[str, np.ndarray]:
    """Cut a scan to the box of everything that can count, as arrays to be stored: places in the box, and values.

    Parameters
    ----------
    stir, region, marrow, judged, composite : (slices, rows, columns) array
        Whole volumes; None for what the scan has not.
    kept : dict of (slices, rows, columns) array

    Returns
    -------
    dict of array
        For `unpacked`.
    """
    region = region > 0
    masks = {"region": region, "judged": judged, "composite": composite} | {
        f"kept_{name}": of for name, of in kept.items()
    }
    masks = {name: of for name, of in masks.items() if of is not None}
    places = np.nonzero(np.logical_or.reduce([of > 0 for of in masks.values()]))
    box = tuple(slice(int(at.min()), int(at.max()) + 1) for at in places)
    found = {"shape": np.array([cut.stop - cut.start for cut in box])}
    for name, of in masks.items():
        inside = of[box]
        found[name] = np.flatnonzero(inside > 0).astype(np.int32)
        found[f"{name}_labels"] = inside[inside > 0].astype(np.uint8)
    found["stir"] = stir[region]
    found["inner"] = stir[inner_region(region)]
    found["marrow"] = np.zeros(0, bool) if marrow is None else (marrow > 0)[region]
    found["patch"] = np.zeros(0) if marrow is None else stir[marrow > 0]
    return found


def unpacked(stored: dict[str, np.ndarray]) -> Voxels:
    """Give the volumes of what `packed` stored."""
    shape = tuple(stored["shape"])

    def labels(name: str) -> np.ndarray:
        out = np.zeros(shape, np.uint8)
        if name in stored:
            out.ravel()[stored[name]] = stored[f"{name}_labels"]
        return out

    readers = [name[5:] for name in stored if name.startswith("kept_") and not name.endswith("_labels")]
    return Voxels(
        shape,
        stored["region"],
        stored["stir"],
        stored["marrow"] if stored["patch"].size else np.zeros(stored["stir"].size, bool),
        stored["patch"],
        stored["inner"],
        labels("judged"),
        {reader: labels(f"kept_{reader}") for reader in readers},
        labels("composite") > 0 if "composite" in stored else None,
    )
