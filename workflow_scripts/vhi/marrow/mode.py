"""Mode and lower spread of STIR intensities: what is normal in a disease region, whatever else lies in it."""

import numpy as np
from scipy import ndimage, signal

from vhi.io.errors import InputError

ERODED_PIXELS = 2
FEWEST_VOXELS = 200
PER_BANDWIDTH = 8  # bins


def inner_region(region: np.ndarray) -> np.ndarray:
    """Erode a disease region by `ERODED_PIXELS` within its slices; the region itself where too little would be left.

    Parameters
    ----------
    region : (slices, rows, columns) bool array

    Returns
    -------
    (slices, rows, columns) bool array
        Without the border, on which cortical bone, joint and soft tissue share voxels with marrow.
    """
    side = 2 * ERODED_PIXELS + 1
    inner = ndimage.binary_erosion(region, np.ones((1, side, side)))
    return inner if np.count_nonzero(inner) >= FEWEST_VOXELS else np.asarray(region, bool)


def mode_and_spread(intensities: np.ndarray) -> tuple[float, float]:
    """Find the mode of normal marrow, and the standard deviation that the density's fall below it stands for.

    Parameters
    ----------
    intensities : (voxels,) array
        STIR intensities of a disease region.

    Returns
    -------
    mode, spread : float
        The mode is the highest of the density of the logarithm, climbed to the nearest mode of the intensities: of a dark and a
        bright marrow that are equally common the bright one, so that sclerotic bone, fatty marrow or bowel gas does not stand for
        marrow. The spread is the distance from the mode down to where the density has fallen to exp(-1/2) of it, as it does at one
        standard deviation of a normal distribution. Oedema lies above the mode, and dark tissue is apart from it, so that neither
        widens the spread.

    Raises
    ------
    InputError
        With fewer than `FEWEST_VOXELS` voxels, or intensities that do not vary.

    References
    ----------
    Density: Gaussian kernel, bandwidth 0.9 min(SD, IQR / 1.349) n^(-1/5) (Silverman, Density Estimation, Chapman and Hall 1986,
    eq. 3.31), on bins of an eighth of it.
    """
    values = np.asarray(intensities, float)
    if values.size < FEWEST_VOXELS:
        raise InputError(
            f"the disease region has {values.size} voxels (expected at least {FEWEST_VOXELS}): its mode says nothing of normal "
            "marrow; correct the region, or set limits.rule: paper"
        )
    q1, q3, top = np.quantile(values, [0.25, 0.75, 0.995])
    width = 0.9 * min(values.std(), (q3 - q1) / 1.349) * values.size**-0.2
    if not width > 0:
        raise InputError(
            f"the disease region has an interquartile range of 0 ({values.size} voxels, quartiles {q1:g} and {q3:g}): expected "
            "intensities that vary; check the STIR scan and the region"
        )
    step = width / PER_BANDWIDTH
    edges = np.arange(values.min() - 4 * width, top + 4 * width, step)
    counts, _ = np.histogram(values, edges)
    kernel = np.exp(-0.5 * (np.arange(-4 * PER_BANDWIDTH, 4 * PER_BANDWIDTH + 1) / PER_BANDWIDTH) ** 2)
    density, middle = signal.fftconvolve(counts, kernel, "same"), (edges[1:] + edges[:-1]) / 2
    at = int(np.argmax(density * np.maximum(middle, 0)))
    while density[at - 1] > density[at]:
        at -= 1
    while density[at + 1] > density[at]:
        at += 1
    level = np.exp(-0.5) * density[at]
    below = int(np.flatnonzero(density[:at] < level)[-1])
    share = (level - density[below]) / (density[below + 1] - density[below])
    return float(middle[at]), float(middle[at] - middle[below] - share * step)
