"""Try networks on an annotated scan, as it is and made abnormal."""

from collections.abc import Sequence

import numpy as np

from vhi.io.images import Image
from vhi.region.abnormal import abnormal_versions
from vhi.region.ensemble import average, normalise, predict_views, rounded
from vhi.region.quality import describe, describe_drawn
from vhi.region.unet import UNet
from vhi.statistics.overlap import dice_per_slice


def try_networks(
    networks: Sequence[UNet],
    t1w: Image,
    mask: Image,
    seed: int,
    averaged: dict,
    rounding: dict,
    precision: str = "auto",
    threads: int | None = None,
) -> dict[str, dict[str, float]]:
    """Segment every version of a scan, and set the Dice beside what the networks say about themselves.

    Parameters
    ----------
    networks : sequence of UNet
    t1w, mask : Image
        The scan and its drawn disease region, on one grid.
    seed : int
        Of the alterations (`vhi.region.abnormal.abnormal_versions`).
    averaged, rounding, precision, threads
        As `vhi.region.training_files.dice_both_ways` takes them.

    Returns
    -------
    dict of dict
        By the name of the version: ``dice`` (mean over slices), what `describe` gives, and what `describe_drawn` gives
        with ``drawn_`` before each name.
    """
    tried = {}
    for version, volume, region in abnormal_versions(t1w.volume, mask.volume, seed):
        voxel_mm3 = t1w.voxel_mm3 * t1w.volume.size / volume.size
        views = predict_views(networks, volume, precision, threads, **averaged)
        found = rounded(average(views.mean(axis=1)), **rounding)
        normal = normalise(volume)
        drawn = describe_drawn(region, normal, voxel_mm3)
        tried[version] = {"dice": np.nanmean(dice_per_slice(found, region))}
        tried[version] |= describe(views.reshape(-1, *found.shape), normal, voxel_mm3)
        tried[version] |= {f"drawn_{name}": value for name, value in drawn.items()}
    return tried
