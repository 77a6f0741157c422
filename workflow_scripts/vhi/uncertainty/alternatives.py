"""V_HI as it would be at other limits and in other disease regions, the reader's cleaning carried over."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vhi.cleaning.carrying import KEPT, carry_over
from vhi.cleaning.masks import counted
from vhi.inflammation import drop_small_regions, threshold

NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(5)  # of a standard normal; exact for polynomials up to degree 9
WEIGHTS = WEIGHTS / WEIGHTS.sum()
PROBABILITIES = (0.02, 0.5, 0.98)
"""Probabilities from which on a voxel belongs to the disease region. Networks are surer than they are alike: in simulated
subjects V_HI in the regions of other ensembles varies with these ends, and hardly with 0.25 and 0.75."""


@dataclass(frozen=True)
class Cleaned:
    """A scan with the cleanings of its readers, cut to where anything can change.

    Attributes
    ----------
    stir : (slices, rows, columns) array
        Intensities.
    preliminary : (slices, rows, columns) array
        Labels 0, 1, 2 that the readers cleaned.
    kept : list of (slices, rows, columns) array
        What each reader kept of them.
    lower, upper : float
        Limits.
    counts_from : {"lower", "upper"}
        The limit that makes V_HI.
    small_regions : dict
        ``minimum_pixels connectivity`` of step (v).
    """

    stir: np.ndarray
    preliminary: np.ndarray
    kept: list[np.ndarray]
    lower: float
    upper: float
    counts_from: str
    small_regions: dict

    def voxels(self, region: np.ndarray, factor: float = 1.0) -> np.ndarray:
        """V_HI of every reader in a disease region, both limits multiplied by a factor; (readers,) int array."""
        labels = drop_small_regions(
            threshold(self.stir, region, factor * self.lower, factor * self.upper), **self.small_regions
        )
        counts = counted(labels, self.counts_from)
        joined = self.small_regions["connectivity"]
        carried = [carry_over(kept, self.preliminary, labels, joined) == KEPT for kept in self.kept]
        return np.array([np.count_nonzero(counts & stays) for stays in carried])


def sd_log_patch(scan: Cleaned, region: np.ndarray, sd_log_limit: float) -> np.ndarray:
    """Standard deviation of log(V_HI + 1) of every reader while the limits vary log-normally.

    Parameters
    ----------
    scan : Cleaned
    region : (slices, rows, columns) bool array
        Disease region in use.
    sd_log_limit : float
        Standard deviation of the logarithm of the limits (`patch.PatchSpread.sd_log`).

    Returns
    -------
    (readers,) array
    """
    logs = np.log1p([scan.voxels(region, np.exp(node * sd_log_limit)) for node in NODES])
    return np.sqrt(WEIGHTS @ (logs - WEIGHTS @ logs) ** 2)


def sd_log_region(scan: Cleaned, probability: np.ndarray) -> np.ndarray:
    """Root mean square change of log(V_HI + 1) of every reader as the region's probability is cut lower and higher.

    Parameters
    ----------
    scan : Cleaned
    probability : (slices, rows, columns) array
        Mean of the networks' members.

    Returns
    -------
    (readers,) array
        Before it is scaled by what `intervals.SCALES` says of ensembles.
    """
    low, middle, high = np.log1p([scan.voxels(probability > cut) for cut in PROBABILITIES])
    return np.sqrt(((low - middle) ** 2 + (high - middle) ** 2) / 2)


def cropped(mask: np.ndarray, *volumes: np.ndarray) -> list[np.ndarray]:
    """Cut volumes to the box of a mask: a tenth of a scan holds all that can change."""
    box = tuple(
        slice(int(found.min()), int(found.max()) + 1) if found.size else slice(0, 1) for found in np.nonzero(mask)
    )
    return [volume[box] for volume in volumes]


def several(kept: Sequence[np.ndarray], *others: np.ndarray) -> np.ndarray:
    """Where anything is, in any of these masks."""
    return np.logical_or.reduce([volume > 0 for volume in (*kept, *others)])
