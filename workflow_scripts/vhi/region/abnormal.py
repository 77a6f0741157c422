"""Networks tried on annotated scans made abnormal, to see how they and the failure flag take marrow that the training set lacks.

The published network failed on very fatty and on sclerotic marrow (paper, section 3.1). Here whole scans are altered, in
three dimensions and by a fixed seed; `vhi.region.augmentation.abnormal_marrow` alters batches of slices while training.
"""

from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np
from scipy import ndimage

from vhi.io.images import Image
from vhi.region.ensemble import average, normalise, predict_views, rounded
from vhi.region.quality import describe, describe_drawn
from vhi.region.unet import UNet
from vhi.statistics.overlap import dice_per_slice


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


def try_networks(
    networks: Sequence[UNet],
    t1w: Image,
    mask: Image,
    seed: int,
    averaged: dict,
    rounding: dict,
    precision: str = "auto",
    threads: int | None = None,
    altered: bool = True,
) -> dict[str, dict[str, float]]:
    """Segment every version of a scan, and set the Dice beside what the networks say about themselves.

    Parameters
    ----------
    networks : sequence of UNet
    t1w, mask : Image
        The scan and its drawn disease region, on one grid.
    seed : int
        Of the alterations (`abnormal_versions`).
    averaged, rounding, precision, threads
        As `vhi.region.training_files.dice_both_ways` takes them.
    altered : bool
        Try the altered versions too.

    Returns
    -------
    dict of dict
        By the name of the version: ``dice`` (mean over slices), what `describe` gives, and what `describe_drawn` gives
        with ``drawn_`` before each name.
    """
    tried = {}
    for version, volume, region in islice(abnormal_versions(t1w.volume, mask.volume, seed), None if altered else 1):
        voxel_mm3 = t1w.voxel_mm3 * t1w.volume.size / volume.size
        views = predict_views(networks, volume, precision, threads, **averaged)
        found = rounded(average(views.mean(axis=1)), **rounding)
        normal = normalise(volume)
        drawn = describe_drawn(region, normal, voxel_mm3)
        tried[version] = {"dice": np.nanmean(dice_per_slice(found, region))}
        tried[version] |= describe(views.reshape(-1, *found.shape), normal, voxel_mm3)
        tried[version] |= {f"drawn_{name}": value for name, value in drawn.items()}
    return tried
