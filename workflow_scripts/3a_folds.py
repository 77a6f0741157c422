"""Steps (i) and (iii): share subjects out among folds, so that each is judged by networks that have not seen it."""

from vhi.io.errors import tell_errors
from vhi.io.tables import write_table
from vhi.region.folds import make_folds

tell_errors(snakemake.log[0])
params = snakemake.params
write_table(snakemake.output[0], make_folds(params.subjects, params.folds, params.seed))
