"""Step (iii): train one setting for one fold, and judge it on the fold's validation slices at each length."""

import pandas as pd

from vhi.ensemble import predict, read_member, rounded
from vhi.errors import tell_errors
from vhi.overlap import dice_per_slice
from vhi.protocols import setting_config
from vhi.slices import Slices
from vhi.tables import read_table, write_table
from vhi.training import Trainer
from vhi.training_files import read_annotated, train_to_files

tell_errors(snakemake.log[0])
params, wildcards, out = snakemake.params, snakemake.wildcards, snakemake.output
folds = read_table(snakemake.input.folds)
here = folds[folds["fold"] == int(wildcards.fold)].set_index("subject")["part"]

scans = read_annotated(snakemake.input.scans, params.slice_axis)
parts = {"train": [], "validation": []}
for row, scan in zip(params.scans, scans, strict=True):
    parts[here[row["subject"]]].append((row["scan"], *scan))
config = setting_config(wildcards.setting, params.lengths, int(wildcards.seed), params.threads, params.abnormal_marrow)
channels = config.unet.get("in_channels", 1)
slices = {part: Slices([t1w for _, t1w, _ in of], [mask for _, _, mask in of], channels) for part, of in parts.items()}

trainer = Trainer(slices["train"], config, slices["validation"])
lengths = dict(zip([config.steps if n == "full" else n for n in params.lengths], out.weights, strict=True))
train_to_files(trainer, lengths, out.progress, f"{wildcards.setting}, fold {wildcards.fold}")

rows = []
for steps, path in lengths.items():
    member = [read_member(path)]
    for scan, t1w, mask in parts["validation"]:
        scores = {
            name: dice_per_slice(rounded(probability, params.smallest_part), mask)
            for name, flip in (("dice", False), ("dice_mirrored", True))
            for probability in predict(member, t1w, threads=params.threads, flip=flip)
        }
        frame = pd.DataFrame({"scan": scan, "slice": range(1, len(mask) + 1), **scores})
        rows.append(frame.assign(setting=wildcards.setting, steps=steps, fold=int(wildcards.fold)))
write_table(out.validation, pd.concat(rows))
