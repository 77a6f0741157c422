"""How far a limit would move, were the patch of normal marrow drawn again."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from vhi.io.errors import InputError
from vhi.marrow.limits import LimitRule, find_limits

BLOCKS = 8
"""Parts of a patch, cut by its medians; half of them stand for a patch drawn elsewhere."""


@dataclass(frozen=True)
class PatchSpread:
    """What a patch says of its own reach; both parts are relative to the lower limit.

    Attributes
    ----------
    blocks : float
        Root mean square of the logarithm of the ratio of the limits from two halves of the patch, over all ways to put its
        blocks into halves, divided by the square root of 2: the spread between places.
    tail : float
        Mean excess above the upper quartile, divided by the limit: the standard deviation of the maximum of a patch with an
        exponential tail is 1.28 times this, whatever its size (Gumbel's law).
    """

    blocks: float
    tail: float

    def sd_log(self, of_blocks: float, of_tail: float) -> float:
        """Standard deviation of the logarithm of a redrawn patch's limit, by weights that were fixed on simulated patches."""
        return float(np.hypot(of_blocks * self.blocks, of_tail * self.tail))


def patch_blocks(place: np.ndarray) -> np.ndarray:
    """Cut a patch into `BLOCKS` parts of like size: each part is halved at the median of its longest axis.

    Parameters
    ----------
    place : (voxels, 3) array
        Positions, mm.

    Returns
    -------
    (voxels,) int array
        Number of the block, from 0.
    """
    parts = [np.arange(len(place))]
    while len(parts) < BLOCKS:
        halves = []
        for part in parts:
            axis = np.argmax(np.ptp(place[part], axis=0)) if len(part) else 0
            order = part[np.argsort(place[part, axis], kind="stable")]
            halves += [order[: len(order) // 2], order[len(order) // 2 :]]
        parts = halves
    block = np.empty(len(place), int)
    for number, part in enumerate(parts):
        block[part] = number
    return block


def patch_spread(intensities: np.ndarray, place: np.ndarray, rule: LimitRule) -> PatchSpread | None:
    """Measure how the lower limit varies within a patch; None where too few halves of it give a limit.

    Parameters
    ----------
    intensities : (voxels,) array
        STIR intensities of the patch.
    place : (voxels, 3) array
        Positions of the same voxels, mm.
    rule : LimitRule
        Of the limits.

    References
    ----------
    Delete-block resampling of spatially dependent data: Lahiri, Resampling Methods for Dependent Data, Springer 2003.
    """
    if len(intensities) < 4 * BLOCKS:
        return None
    block = patch_blocks(place)
    squares = []
    for numbers in combinations(range(1, BLOCKS), BLOCKS // 2 - 1):  # with block 0: each pair of halves once
        inside = np.isin(block, (0, *numbers))
        try:
            one, other = (find_limits(intensities[half], rule).lower for half in (inside, ~inside))
        except InputError:  # a constant half
            continue
        squares.append(np.log(one / other) ** 2)
    if len(squares) < 10:
        return None
    q3 = np.quantile(intensities, 0.75)
    above = intensities[intensities > q3]
    tail = (above.mean() - q3) / find_limits(intensities, rule).lower if above.size else 0.0
    return PatchSpread(float(np.sqrt(np.mean(squares) / 2)), float(tail))


def voxel_places(mask: np.ndarray, spacing: Sequence[float]) -> np.ndarray:
    """Positions (voxels, 3) of a mask's voxels, mm, in the order of `mask`'s own indexing."""
    return np.argwhere(mask) * np.asarray(spacing, float)
