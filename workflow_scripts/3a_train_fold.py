"""Step (iii): train one setting for one fold, and judge it on the fold's validation slices at each length."""

from vhi.io.errors import tell_errors
from vhi.io.tables import read_table, write_table
from vhi.region.protocols import setting_config
from vhi.region.training_files import judge_weights, read_annotated, train_to_files, trainer_of

tell_errors(snakemake.log[0])
params, wildcards, out = snakemake.params, snakemake.wildcards, snakemake.output
folds = read_table(snakemake.input.folds)
here = folds[folds["fold"] == int(wildcards.fold)].set_index("subject")["part"]

scans = read_annotated(snakemake.input.scans, params.slice_axis)
parts = {"train": [], "validation": []}
for row, scan in zip(params.scans, scans, strict=True):
    parts[here[row["subject"]]].append((row["scan"], *scan))
config = setting_config(wildcards.setting, params.lengths, int(wildcards.seed), params.threads, params.abnormal_marrow)
seen, unseen = ([scan for _, *scan in parts[part]] for part in ("train", "validation"))

lengths = dict(zip([config.steps if n == "full" else n for n in params.lengths], out.weights, strict=True))
weak = dict(zip(params.weak, out.weak, strict=True))
train_to_files(
    trainer_of(config, seen, unseen), weak | lengths, out.progress, f"{wildcards.setting}, fold {wildcards.fold}"
)

scores = judge_weights(lengths, parts["validation"], params.threads, params.averaged, params.rounding)
write_table(out.validation, scores.assign(setting=wildcards.setting, fold=int(wildcards.fold)))
