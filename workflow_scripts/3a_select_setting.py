"""Step (iii): take the setting with the best cross-validation, or the fast recipe."""

from vhi.io.errors import tell_errors
from vhi.io.files import write_json
from vhi.io.tables import read_table

tell_errors(snakemake.log[0])
if snakemake.input.get("table"):
    best = read_table(snakemake.input.table).query("selected").iloc[0]
    write_json(snakemake.output[0], {"setting": best["setting"], "steps": int(best["steps"])})
else:
    write_json(snakemake.output[0], {"setting": snakemake.params.protocol, "steps": snakemake.params.steps})
