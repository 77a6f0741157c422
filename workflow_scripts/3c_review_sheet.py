"""Step (iii): sheet for the visual assessment; filled in, it becomes region_review.tsv of the study."""

import pandas as pd

from vhi.io.errors import tell_errors
from vhi.io.tables import write_table

tell_errors(snakemake.log[0])
# In the order of the study, not of the predicted Dice: the assessment is to be made without knowing the flag.
sheet = pd.DataFrame({"scan": snakemake.params.scans, "rating": "", "note": ""})
write_table(snakemake.output[0], sheet)
