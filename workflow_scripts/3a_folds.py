"""Step (iii): share the training subjects out among the folds of the cross-validation."""

from vhi.io.errors import tell_errors
from vhi.io.tables import write_table
from vhi.region.folds import make_folds

tell_errors(snakemake.log[0])
params = snakemake.params
write_table(snakemake.output[0], make_folds(params.subjects, params.folds, params.seed))
