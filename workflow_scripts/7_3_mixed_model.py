"""Section 2.7.3: log(V_HI + 1) of every reading by visit, arm, site and reader."""

from vhi.io.errors import tell_errors
from vhi.io.tables import read_table, write_table
from vhi.statistics.mixed import mixed_model

tell_errors(snakemake.log[0])
params = snakemake.params
values = read_table(snakemake.input["values"])  # a dot would find the method of that name
values = values.assign(vhi=values[f"vhi_{params.unit}"])
write_table(snakemake.output[0], mixed_model(values, params.sessions, params.arms, params.sites))
