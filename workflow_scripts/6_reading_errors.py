"""Step (vi): what the patch of normal marrow and the disease region add to the error of each reading of a scan."""

import pandas as pd

from vhi.io.errors import tell_errors
from vhi.io.files import read_json
from vhi.io.images import read_mask, read_scan
from vhi.io.tables import write_table
from vhi.marrow.limits import LimitRule
from vhi.region.used import without_marrow
from vhi.uncertainty.alternatives import Cleaned
from vhi.uncertainty.readings import parts_of_scan

tell_errors(snakemake.log[0])
source, params, axis = snakemake.input, snakemake.params, snakemake.params.slice_axis
stir, limits, rule = read_scan(source.stir, axis), read_json(source.limits), LimitRule(**params.limit_rule)
kept = [read_mask(path, (0, 1, 2), axis).volume for path in source.cleaned]
preliminary = read_mask(source.preliminary, (0, 1, 2), axis).volume
cleaned = Cleaned(
    stir.volume, preliminary, kept, limits["lower"], limits["upper"], params.counts_from, params.small_regions
)
region = read_mask(source.disease_region, slice_axis=axis).volume > 0
region = without_marrow(region, stir, source.excluded, axis)
probability = read_scan(source.probability, axis).volume / 100 if source.get("probability") else None
if probability is not None and probability.shape != region.shape:  # on the T1w's grid, the region on the STIR's
    probability = None
marrow = read_mask(source.normal_marrow, slice_axis=axis).volume > 0 if source.normal_marrow else None
by_patch, by_region = parts_of_scan(cleaned, region, probability, marrow, stir.spacing_mm, rule)
table = pd.DataFrame(params.readings)
write_table(snakemake.output[0], table.assign(sd_log_patch=by_patch, sd_log_region=by_region))
