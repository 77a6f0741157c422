"""Run the script of a rule for several scans in one process, so that what it imports is imported once."""

import runpy
from types import SimpleNamespace

from vhi.io.batches import Named, mapped
from vhi.io.errors import InputError, tell_errors

tell_errors(snakemake.log[0])
shared = dict(snakemake.params.items())
refused = []
for one in shared.pop("batch"):
    job = SimpleNamespace(
        wildcards=Named(one["wildcards"]),
        input=Named(mapped(one["input"], snakemake.input.files.__getitem__)),
        output=Named(mapped(one["output"], snakemake.output.__getitem__)),
        params=Named(shared | one["params"]),
        log=snakemake.log,
    )
    try:
        runpy.run_path(snakemake.input.script, {"snakemake": job})
    except InputError as error:  # the other scans are still tried, so that all that is wrong is told at once
        refused.append(str(error))

tell_errors(snakemake.log[0])  # each script told its own
if refused:
    raise InputError("\nERROR: ".join(refused))
