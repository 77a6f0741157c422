"""Mode and lower spread of STIR intensities: what is normal in a disease region, whatever else lies in it."""

import numpy as np
from scipy import ndimage

from vhi.io.errors import InputError

ERODED_PIXELS = 2
FEWEST_VOXELS = 200
# ASSUME Of bandwidths and measures of the spread these gave the steadiest limits in simulated regions (docs/uncertainty.md).
BANDWIDTH = 0.3  # of the interquartile range of a normal density, as a standard deviation
DARK = 0.5  # of the mode: what is darker is no marrow
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
    """Find the mode of normal marrow, and its standard deviation from the voxels below the mode.

    Parameters
    ----------
    intensities : (voxels,) array
        STIR intensities of a disease region.

    Returns
    -------
    mode, spread : float
        The mode is the highest of the density of the logarithm, climbed to the nearest mode of the intensities: of a dark and a
        bright marrow that are equally common the bright one, so that sclerotic bone, fatty marrow or bowel gas does not stand for
        marrow. The spread is the median distance below the mode, divided by 0.6745, of voxels brighter than half the mode. Oedema
        lies above the mode, and dark tissue below half of it, so that neither widens the spread.

    Raises
    ------
    InputError
        With fewer than `FEWEST_VOXELS` voxels, or intensities that do not vary.

    References
    ----------
    Gaussian kernel density on bins of an eighth of its bandwidth (Silverman, Density Estimation, Chapman and Hall 1986).
    """
    values = np.asarray(intensities, float)
    if values.size < FEWEST_VOXELS:
        raise InputError(
            f"the disease region has {values.size} voxels (expected at least {FEWEST_VOXELS}): its mode says nothing of normal "
            "marrow; correct the region, or set limits.rule: paper"
        )
    q1, q3, top = np.quantile(values, [0.25, 0.75, 0.995])
    if not q3 > q1:
        raise InputError(
            f"the disease region has an interquartile range of 0 ({values.size} voxels, quartiles {q1:g} and {q3:g}): expected "
            "intensities that vary; check the STIR scan and the region"
        )
    width = BANDWIDTH * (q3 - q1) / 1.349
    edges = np.arange(values.min() - 4 * width, top + 4 * width, width / PER_BANDWIDTH)
    counts, _ = np.histogram(values, edges)
    kernel = np.exp(-0.5 * (np.arange(-4 * PER_BANDWIDTH, 4 * PER_BANDWIDTH + 1) / PER_BANDWIDTH) ** 2)
    density, middle = np.convolve(counts, kernel, "same"), (edges[1:] + edges[:-1]) / 2
    at = int(np.argmax(density * np.maximum(middle, 0)))
    while density[at - 1] > density[at]:
        at -= 1
    while density[at + 1] > density[at]:
        at += 1
    mode = middle[at]
    below = values[(values > DARK * mode) & (values < mode)]
    return float(mode), float(np.median(mode - below) / 0.67449)
