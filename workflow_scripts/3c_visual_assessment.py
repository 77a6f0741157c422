"""Step (iii): tally the visual assessment as the paper does, beside the flag."""

import pandas as pd

from vhi.io.errors import tell_errors
from vhi.io.tables import read_table, write_table
from vhi.region.judged import tally_review

tell_errors(snakemake.log[0])
review = pd.DataFrame(snakemake.params.ratings)
subjects = pd.DataFrame(snakemake.params.subjects)
write_table(snakemake.output[0], tally_review(review, read_table(snakemake.input.quality), subjects))
