"""Training scans made abnormal, to see how networks and failure flag take marrow that the training set lacks.

The published network failed on very fatty and on sclerotic marrow (paper, section 3.1). Here whole scans are altered, in
three dimensions and by a fixed seed; `vhi.region.augmentation.abnormal_marrow` alters batches of slices while training.
"""

from collections.abc import Iterator

import numpy as np
from scipy import ndimage


def abnormal_versions(
    t1w: np.ndarray, region: np.ndarray, seed: int = 0
) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Give a scan as it is and in altered versions.

    Parameters
    ----------
    t1w : array (slices, rows, columns)
        Intensities as stored.
    region : array (slices, rows, columns)
        Disease region, drawn by hand.
    seed : int

    Yields
    ------
    name : str
        ``as it is``, ``fatty`` and ``very fatty`` (marrow 1.4 and 2 times as bright), ``sclerotic`` and ``very
        sclerotic`` (0.6 and 0.4 times), ``patchy`` (dark patches in it), ``shaded`` (coil), ``noisy``, ``smaller``
        (voxels 11 % larger).
    t1w, region : array
        The altered scan and its region.
    """
    random = np.random.default_rng(seed)
    marrow = ndimage.gaussian_filter((region > 0).astype(float), (0, 2, 2))

    def smooth(sigma):
        field = ndimage.gaussian_filter(random.normal(size=t1w.shape), sigma)
        return field / max(field.std(), 1e-12)

    side = max(t1w.shape[1:]) / 336  # patches and shading grow with the matrix
    yield "as it is", t1w, region
    for name, factor in (("fatty", 1.4), ("very fatty", 2.0), ("sclerotic", 0.6), ("very sclerotic", 0.4)):
        yield name, t1w * factor**marrow, region
    dark = 1 / (1 + np.exp(-4 * smooth((1, 20 * side, 20 * side))))
    yield "patchy", t1w * np.exp(-marrow * dark), region
    yield "shaded", t1w * np.exp(0.4 * smooth((4, 80 * side, 80 * side))), region
    yield "noisy", np.clip(t1w + 0.24 * t1w.std() * random.normal(size=t1w.shape), 0, None), region
    zoom = (1, 0.9, 0.9)
    yield "smaller", ndimage.zoom(t1w, zoom, order=1), ndimage.zoom((region > 0).astype(np.uint8), zoom, order=0)
