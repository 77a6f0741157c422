"""Step (ii): find the lower and the upper limit of a scan, and how stable they are."""

import dataclasses

from vhi.io.errors import naming, tell_errors
from vhi.io.files import write_json
from vhi.io.tables import read_table
from vhi.marrow.limits import LimitRule, find_limits, limits_without_brightest

tell_errors(snakemake.log[0])
scan, params = snakemake.wildcards.scan, snakemake.params
intensities = read_table(snakemake.input.intensities)["stir_intensity"].to_numpy()
rule = LimitRule(**params.limit_rule)
with naming(f"scan {scan}"):
    found = find_limits(intensities, rule)
rest = limits_without_brightest(intensities, rule)
stability = {"without_brightest": {"lower": rest.lower, "upper": rest.upper, "n": rest.n} if rest else None}
write_json(snakemake.output[0], {"scan": scan, **dataclasses.asdict(found), "stability": stability})
