"""Step (iii): share the training subjects out among the folds of the cross-validation."""

from vhi.errors import tell_errors
from vhi.folds import make_folds
from vhi.tables import write_table

tell_errors(snakemake.log[0])
params = snakemake.params
write_table(snakemake.output[0], make_folds(params.subjects, params.folds, params.seed))
