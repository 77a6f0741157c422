"""Step (iii): release files of the trained ensemble: weights, failure model, checksums, model card."""

import shutil
from pathlib import Path

import pandas as pd

from vhi.io.errors import tell_errors
from vhi.io.files import read_json, replacing, write_text
from vhi.io.hashes import checksum_lines, sha256_of_file
from vhi.io.images import read_mask
from vhi.io.tables import read_table
from vhi.region.members import read_ensemble
from vhi.region.model_card import model_card
from vhi.region.protocols import full_steps

tell_errors(snakemake.log[0])
source, out, params = snakemake.input, snakemake.output, snakemake.params
read_ensemble(source.members)  # finite weights that differ
digests = {}
for path, copy in zip([*source.members, source.failure_model], [*out.members, out.failure_model], strict=True):
    with replacing(copy) as beside:
        shutil.copyfile(path, beside)
    digests[Path(copy).name] = sha256_of_file(copy)
write_text(out.checksums, checksum_lines(digests.items()))
test = read_table(source.test) if source.get("test") else pd.DataFrame()
selected = read_json(source.selected)
if selected["steps"] == "full":
    selected["steps"] = full_steps(params.facts["protocol"])
regions = [read_mask(path, slice_axis=params.slice_axis).volume for path in source.regions]
facts = {**params.facts, **selected, "members": len(source.members), "files": digests}
facts["slices"] = sum(len(region) for region in regions)
card = model_card(facts, read_table(source.cross_validation), test, read_table(source.judged))
write_text(out.card, card)
