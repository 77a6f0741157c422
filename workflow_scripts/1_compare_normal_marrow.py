"""Step (i): what the proposed patch does to limits and preliminary voxels, beside what the brightest voxel does to the drawn one."""

import pandas as pd

from vhi.inflammation import disease_region_used
from vhi.io.errors import tell_errors
from vhi.io.images import check_same_grid, read_mask, read_scan
from vhi.io.tables import read_table, write_table
from vhi.marrow.limits import LimitRule
from vhi.marrow.proposal import compare_patches

tell_errors(snakemake.log[0])
source, params = snakemake.input, snakemake.params
rule = LimitRule(**params.limit_rule)
rows = []
for place, scan in enumerate(params.scans):
    stir = read_scan(source.images[2 * place], params.slice_axis)
    drawn, proposed, region = (
        read_mask(path, slice_axis=params.slice_axis)
        for path in (source.images[2 * place + 1], source.proposed[place], source.region[place])
    )
    for mask in (drawn, proposed, region):
        check_same_grid(mask, stir)
    used = disease_region_used(region.volume, drawn.volume, params.exclude_normal_marrow)
    compared = compare_patches(stir.volume, used, drawn.volume > 0, proposed.volume > 0, rule, **params.small_regions)
    stable = read_table(source.stability[place]).set_index("patch")["change_percent"]
    rows.append({"scan": scan, **compared, "without_brightest_change_percent": stable["without the brightest voxel"]})
write_table(snakemake.output[0], pd.DataFrame(rows))
