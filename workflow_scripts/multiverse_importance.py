"""The multiverse: how much each choice, and each pair of choices, matters."""

from vhi.io.errors import tell_errors
from vhi.io.tables import read_table, write_table
from vhi.multiverse.importance import importance_table

tell_errors(snakemake.log[0])
universes, outcomes = read_table(snakemake.input.universes), read_table(snakemake.input.outcomes)
write_table(snakemake.output[0], importance_table(universes, outcomes, list(universes.columns[3:])))
