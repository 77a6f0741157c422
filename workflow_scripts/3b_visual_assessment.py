"""Step (iii): tally the visual assessment as the paper does, beside the flag."""

import pandas as pd

from vhi.errors import tell_errors
from vhi.quality import tally_review
from vhi.tables import read_table, write_table

tell_errors(snakemake.log[0])
review = read_table(snakemake.input.review)
subjects = pd.DataFrame(snakemake.params.subjects)
write_table(snakemake.output[0], tally_review(review, read_table(snakemake.input.quality), subjects))
