"""The multiverse: what a sweep over segmentations needs of a scan, cut to its disease region."""

import numpy as np

from vhi.io.errors import tell_errors
from vhi.io.files import replacing
from vhi.io.images import check_same_grid, read_mask, read_scan
from vhi.multiverse.voxels import packed
from vhi.statistics.overlap import composite

tell_errors(snakemake.log[0])
source, params, axis = snakemake.input, snakemake.params, snakemake.params.slice_axis
stir = read_scan(source.stir, axis)


def volumes(paths, labels):
    """Masks on the grid of the STIR."""
    masks = [read_mask(path, labels, axis) for path in paths]
    for mask in masks:
        check_same_grid(mask, stir)
    return [mask.volume for mask in masks]


region, *_ = volumes([source.disease_region], (0, 1))
marrow, judged, cleaned, manual = (
    volumes([paths] if isinstance(paths, str) else paths, labels)
    for paths, labels in (
        (source.normal_marrow, (0, 1)),
        (source.preliminary, (0, 1, 2)),
        (source.cleaned, (0, 1, 2)),
        (source.manual, (0, 1)),
    )
)
kept = dict(zip(params.readers, cleaned, strict=True))
voted = composite(manual, params.votes) if len(manual) >= params.votes else None
arrays = packed(stir.volume, region, marrow[0] if marrow else None, judged[0] if judged else None, kept, voted)
with replacing(snakemake.output[0]) as beside:
    np.savez(beside, voxel_mm3=stir.voxel_mm3, **arrays)
