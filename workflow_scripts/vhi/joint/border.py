"""The border of sacrum and ilium: the dark line between bright marrow, from top to bottom of each joint."""

import itertools

import numpy as np
from scipy.ndimage import gaussian_filter, map_coordinates, maximum_filter1d, uniform_filter

STEP_MM = 0.6  # of the border's distance from the midline
REACH_MM = 96.0  # ASSUME No joint is farther from the midline.
BLUR_MM = 0.5
MARROW_MM = 20.0  # ASSUME Marrow is alike within this distance, whatever the coils do.
FLANK_MM = (1.8, 6.0)  # ASSUME Marrow lies within this distance on both sides of a joint.
OUTSIDE = 0.75  # cost outside the region, where 1 is bright marrow and 0 the darkest line
PULL_MM = (9.0, 5.0, 4.0, 4.0)  # by round: a border this far from where it is expected costs as much as bright marrow
EVERY = 6  # of the rows, for the plane alone
STEEPEST = 2  # steps that the border moves from a row to the next
PLANES = {  # ASSUME Range of a plane through a joint: mm from the midline, mm per mm down, mm per mm backwards
    "distance": np.arange(24.0, 76.0, 1.5),
    "down": np.arange(-0.7, 0.21, 0.07),
    "back": np.arange(-1.0, 0.41, 0.1),
}


def unfold(volume: np.ndarray, middle: np.ndarray, side: int, spacing_mm: tuple[float, float, float]) -> np.ndarray:
    """Resample one half of a volume by distance from the midline.

    Parameters
    ----------
    volume : (slices, rows, columns) array
    middle : (slices, rows) array
        Column of the midline.
    side : {-1, 1}
        -1 is the patient's right, 1 the left.
    spacing_mm : tuple of float

    Returns
    -------
    (slices, rows, distances) array
        Distances are 0, `STEP_MM`, ... up to `REACH_MM`; 0 beyond the volume.
    """
    distance = np.arange(0, REACH_MM, STEP_MM) / spacing_mm[2]
    columns = middle[:, :, None] + side * distance
    place = np.broadcast_arrays(
        np.arange(volume.shape[0])[:, None, None], np.arange(volume.shape[1])[None, :, None], columns
    )
    return map_coordinates(volume, np.stack(place), order=1, output=np.float32)


def darkness(t1w: np.ndarray, region: np.ndarray, spacing_mm: tuple[float, float, float]) -> np.ndarray:
    """Give how much darker each place is than the marrow to both sides of it.

    Parameters
    ----------
    t1w, region : (slices, rows, distances) array
        One side by distance from the midline; `region` is the share of a voxel, 0 to 1.
    spacing_mm : tuple of float

    Returns
    -------
    (slices, rows, distances) array
        0 (marrow, or no marrow on one side) to 1 (black between marrow).
    """
    inside = region > 0.5
    near = [3, *(2 * round(MARROW_MM / step) + 1 for step in (spacing_mm[1], STEP_MM))]
    within = uniform_filter(region, near, mode="constant")
    marrow = uniform_filter(np.where(inside, t1w, 0), near, mode="constant") / np.maximum(within, 1e-3)
    level = gaussian_filter(t1w, (0, BLUR_MM / spacing_mm[1], BLUR_MM / STEP_MM)) / np.maximum(marrow, 1e-9)
    first, last = (round(reach / STEP_MM) for reach in FLANK_MM)
    window = last - first + 1
    highest = maximum_filter1d(np.where(inside, level, 0), window, axis=2, mode="constant")
    shift = first + window // 2
    flanks = [np.zeros_like(highest), np.zeros_like(highest)]
    flanks[0][:, :, shift:] = highest[:, :, :-shift]
    flanks[1][:, :, :-shift] = highest[:, :, shift:]
    return np.clip(np.minimum(np.minimum(*flanks), 1.0) - level, 0, 1)


def plane_through(dark: np.ndarray, spacing_mm: tuple[float, float, float]) -> np.ndarray:
    """Find the plane along which a side is darkest between marrow.

    Parameters
    ----------
    dark : (slices, rows, distances) array
        `darkness` of one side.
    spacing_mm : tuple of float

    Returns
    -------
    (slices, rows) array
        Its distance from the midline, in steps of `STEP_MM`.
    """
    blurred = gaussian_filter(dark, (0, 0, 2.5 / STEP_MM))[:, ::EVERY]
    back, down = (
        step * (np.arange(size) - _centre(dark.max(axis=2).sum(axis=1 - axis)))
        for axis, (size, step) in enumerate(zip(dark.shape[:2], spacing_mm[:2], strict=True))
    )
    best, plane = -1.0, None
    s, r = np.arange(len(back))[:, None, None], np.arange(blurred.shape[1])[:, None]
    for per_down, per_back in itertools.product(PLANES["down"], PLANES["back"]):
        tilted = back[:, None] * per_back + down * per_down
        places = tilted[:, ::EVERY, None] + PLANES["distance"]
        index = np.clip(np.rint(places / STEP_MM).astype(int), 0, dark.shape[2] - 1)
        sums = blurred[s, r, index].sum(axis=(0, 1))
        if sums.max() > best:
            best, plane = sums.max(), tilted + PLANES["distance"][sums.argmax()]
    return plane / STEP_MM


def _centre(weight):
    """Centre of mass of weights along an axis; its middle where all are 0."""
    return float(np.average(np.arange(len(weight)), weights=weight + 1e-9))


def cheapest_path(cost: np.ndarray, bend: float = 0.15) -> np.ndarray:
    """Find, on each slice, the path from the first to the last row of the least cost.

    Parameters
    ----------
    cost : (slices, rows, distances) array
    bend : float
        Cost of one step sideways.

    Returns
    -------
    (slices, rows) array of int
        Place of the path along the last axis.
    """
    slices, rows, _ = cost.shape
    moves = range(-STEEPEST, STEEPEST + 1)
    came = np.zeros(cost.shape, np.int8)
    total = cost[:, 0].copy()
    for row in range(1, rows):
        padded = np.pad(total, ((0, 0), (STEEPEST, STEEPEST)), constant_values=np.inf)
        reached = np.stack([padded[:, STEEPEST + m : padded.shape[1] - STEEPEST + m] + bend * abs(m) for m in moves])
        choice = reached.argmin(axis=0)
        came[:, row] = choice - STEEPEST
        total = np.take_along_axis(reached, choice[None], 0)[0] + cost[:, row]
    path = np.zeros((slices, rows), int)
    path[:, -1] = total.argmin(axis=1)
    for row in range(rows - 1, 0, -1):
        path[:, row - 1] = path[:, row] + came[np.arange(slices), row, path[:, row]]
    return path


def find_border(
    t1w: np.ndarray, region: np.ndarray, middle: np.ndarray, side: int, spacing_mm: tuple[float, float, float]
) -> tuple[np.ndarray, np.ndarray]:
    """Find the border of sacrum and ilium on one side.

    Parameters
    ----------
    t1w : (slices, rows, columns) array
        In presentation order.
    region : (slices, rows, columns) array of bool
    middle : (slices, rows) array
        Column of the midline.
    side : {-1, 1}
        -1 is the patient's right, 1 the left.
    spacing_mm : tuple of float

    Returns
    -------
    distance : (slices, rows) array
        Distance of the border from the midline, mm.
    seen : (slices, rows) array
        `darkness` along it; 0 where it does not run between marrow.
    """
    image, inside = (unfold(values.astype(np.float32), middle, side, spacing_mm) for values in (t1w, region))
    dark = darkness(image, inside, spacing_mm)
    cost = np.where(inside > 0.5, 1 - dark, OUTSIDE)
    expected = plane_through(dark, spacing_mm)
    place = np.arange(cost.shape[2])
    for pull in PULL_MM:
        away = (place - expected[:, :, None]) * STEP_MM / pull
        path = cheapest_path(cost + away**2)
        seen = np.take_along_axis(dark, path[:, :, None], 2)[:, :, 0]
        # The next round expects it where the neighbouring slices and rows have it, those with a dark line first.
        near, weight = (1.0, 5 / spacing_mm[1]), seen + 0.02
        expected = expected + gaussian_filter(weight * (path - expected), near) / gaussian_filter(weight, near)
    return path * STEP_MM, seen
