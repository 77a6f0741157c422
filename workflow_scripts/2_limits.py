"""Step (ii): find the lower and the upper limit of a scan, and how stable they are."""

import dataclasses

from vhi.errors import InputError, tell_errors
from vhi.files import write_json
from vhi.limits import LimitRule, find_limits, stability
from vhi.tables import read_table

tell_errors(snakemake.log[0])
scan, params = snakemake.wildcards.scan, snakemake.params
intensities = read_table(snakemake.input.intensities)["stir_intensity"].to_numpy()
rule = LimitRule(**params.limit_rule)
try:
    found = find_limits(intensities, rule)
except InputError as error:
    raise InputError(f"scan {scan}: {error}") from error
stable = stability(intensities, scan=scan, rule=rule, **params.stability)
write_json(snakemake.output[0], {"scan": scan, **dataclasses.asdict(found), "stability": stable})
