"""Export what a BIDS dataset says of itself: description, README, labels, and V_HI as a phenotype."""

import json
import os
from pathlib import Path

from vhi.exchange.bids import dataset_description, label
from vhi.io.errors import tell_errors
from vhi.io.files import write_json, write_text
from vhi.io.tables import read_table, write_table

tell_errors(snakemake.log[0])
output, params = snakemake.output, snakemake.params
link = os.path.relpath(params.data, Path(output.description).parent)
write_json(output.description, dataset_description(params.title, params.version, link))
read_me, labels, columns = (Path(path).read_text(encoding="utf-8") for path in snakemake.input.texts)
write_text(output.readme, read_me)
write_text(output.labels, labels)
if snakemake.input.get("measurements"):
    table = read_table(snakemake.input.measurements)
    table.insert(0, "participant_id", "sub-" + table["subject"].map(label))
    table.insert(1, "session_id", "ses-" + table["session"])
    names = ["participant_id", *(name for name in json.loads(columns) if name != "MeasurementToolMetadata")]
    write_table(output.phenotype[0], table[names].fillna("n/a"))
    write_text(output.phenotype[1], columns)
