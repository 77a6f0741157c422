"""Export what a BIDS dataset says of itself: description, README, labels, and V_HI as a phenotype."""

import os
from pathlib import Path

from vhi.exchange.bids import LABELS, PHENOTYPE, README, dataset_description, label
from vhi.io.errors import tell_errors
from vhi.io.files import replacing, write_json
from vhi.io.tables import read_table, write_table

tell_errors(snakemake.log[0])
output, params = snakemake.output, snakemake.params
link = os.path.relpath(params.data, Path(output.description).parent)
write_json(output.description, dataset_description(params.title, params.version, link))
for path, text in ((output.readme, README), (output.labels, LABELS)):
    with replacing(path) as beside:
        beside.write_text(text, encoding="utf-8")
if snakemake.input.get("measurements"):
    table = read_table(snakemake.input.measurements)
    table.insert(0, "participant_id", "sub-" + table["subject"].map(label))
    table.insert(1, "session_id", "ses-" + table["session"])
    columns = ["participant_id", *(name for name in PHENOTYPE if name != "MeasurementToolMetadata")]
    write_table(output.phenotype[0], table[columns].fillna("n/a"))
    write_json(output.phenotype[1], PHENOTYPE)
