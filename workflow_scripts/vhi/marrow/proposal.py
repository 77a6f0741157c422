"""Propose the patch of normal marrow, which the paper draws by hand and says "can be straightforwardly automated".

A small U-Net learns from drawn patches where in the sacrum a reader looks; the likeliest voxels, as many as a reader draws,
are the patch. It is judged by what it does to the limits and to the preliminary segmentation, not by its overlap with the
drawn one: a reader draws some of the normal marrow, and any other part of it would do as well.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy import ndimage

from vhi.inflammation import drop_small_regions, threshold
from vhi.io.errors import InputError
from vhi.marrow.limits import LimitRule, find_limits
from vhi.region.protocols import FAST, Config
from vhi.statistics.overlap import dice

SHRINK = 4  # the place in the sacrum counts, not the outline: a network on squares of 4 x 4 pixels learns it in minutes
NETWORK = replace(FAST, unet={"in_channels": 5}, steps=600, epoch=200, batch=16, warm_up=50, ema=0.99)


def shrunk(volume: np.ndarray) -> np.ndarray:
    """Means over squares of pixels: (slices, rows, columns) to a quarter of rows and columns; a rest is cut off."""
    slices, rows, columns = volume.shape
    rows, columns = rows // SHRINK, columns // SHRINK
    cut = volume[:, : rows * SHRINK, : columns * SHRINK].astype(np.float32)
    return cut.reshape(slices, rows, SHRINK, columns, SHRINK).mean(axis=(2, 4))


def enlarged(probability: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Undo `shrunk`: repeat each value over its square; 0 in what was cut off."""
    whole = np.zeros(shape, np.float32)
    found = probability.repeat(SHRINK, axis=1).repeat(SHRINK, axis=2)
    whole[:, : found.shape[1], : found.shape[2]] = found
    return whole


def network_config(seed: int, threads: int, steps: int | None) -> Config:
    """Configuration of the training of one network; steps None for its own length."""
    return replace(NETWORK, seed=seed, threads=threads, steps=steps or NETWORK.steps)


def propose_patch(probability: np.ndarray, stir: np.ndarray, voxels: int) -> np.ndarray:
    """Choose the patch: the likeliest voxels, without those that stand out from the marrow around them.

    Parameters
    ----------
    probability : array (slices, rows, columns)
        That a reader's patch holds a voxel.
    stir : array (slices, rows, columns)
        Intensities.
    voxels : int
        How many to take before the outliers are left out.

    Returns
    -------
    array (slices, rows, columns), bool

    Raises
    ------
    InputError
        Where the network finds no marrow anywhere.

    Notes
    -----
    A reader avoids vessels and lesions; here voxels beyond Tukey's outer fences (quartiles -+ 3 IQR) of the patch are left
    out, and single voxels are smoothed away, because the upper limit is a maximum: one vessel in the patch would move it.
    """
    # ASSUME smoothing over two pixels within a slice: a drawn patch is one connected area per slice.
    smooth = ndimage.gaussian_filter(probability.astype(float), (0, 2, 2))
    if not smooth.max() > 0.02:
        raise InputError(
            f"normal marrow: expected a place that looks like the drawn patches, found none (highest probability "
            f"{smooth.max():.3f}); draw it on STIR"
        )
    patch = smooth >= np.partition(smooth.ravel(), -voxels)[-voxels]
    q1, q3 = np.percentile(stir[patch], (25, 75))
    return patch & (stir >= q1 - 3 * (q3 - q1)) & (stir <= q3 + 3 * (q3 - q1))


def patch_size(drawn: Sequence[int]) -> int:
    """How many voxels to propose: the median of the patches drawn for training."""
    return int(np.median(drawn))


def compare_patches(
    stir: np.ndarray,
    region: np.ndarray,
    drawn: np.ndarray,
    proposed: np.ndarray,
    rule: LimitRule,
    minimum_pixels: int,
    connectivity: int,
) -> dict[str, float]:
    """Set a proposed patch beside the drawn one by what each does.

    Parameters
    ----------
    stir, region, drawn, proposed : array (slices, rows, columns)
        Intensities, disease region, patches.
    rule : LimitRule
    minimum_pixels, connectivity : int
        Of step (v).

    Returns
    -------
    dict
        For each patch ``_voxels``, ``_lower``, ``_upper``, ``_preliminary_voxels``; ``preliminary_change_percent`` from drawn to
        proposed, and the Dice score of the patches.
    """
    found = {}
    for name, patch in (("drawn", drawn), ("proposed", proposed)):
        limits = find_limits(stir[patch], rule)
        labels = drop_small_regions(threshold(stir, region, limits.lower, limits.upper), minimum_pixels, connectivity)
        found[f"{name}_voxels"] = int(patch.sum())
        found |= {f"{name}_lower": limits.lower, f"{name}_upper": limits.upper}
        found[f"{name}_preliminary_voxels"] = int(np.count_nonzero(labels))
    before, after = found["drawn_preliminary_voxels"], found["proposed_preliminary_voxels"]
    found["preliminary_change_percent"] = 100 * (after / before - 1) if before else float("nan")
    return found | {"patch_dice": dice(drawn, proposed)}
