"""Step (iii): train the selected setting on all annotated subjects but one, and judge it on that subject's slices."""

from vhi.io.errors import tell_errors
from vhi.io.files import read_json
from vhi.io.tables import write_table
from vhi.region.protocols import setting_config
from vhi.region.test_log import log_evaluation
from vhi.region.training_files import judge_weights, read_annotated, train_to_files, trainer_of

tell_errors(snakemake.log[0])
params, wildcards, out = snakemake.params, snakemake.wildcards, snakemake.output
selected = read_json(snakemake.input.selected)
config = setting_config(
    selected["setting"],
    [params.steps or selected["steps"]],
    int(wildcards.seed),
    params.threads,
    params.abnormal_marrow,
)
scans = list(zip(params.scans, read_annotated(snakemake.input.scans, params.slice_axis), strict=True))
others = [scan for row, scan in scans if row["subject"] != wildcards.subject]
left_out = [(row["scan"], *scan) for row, scan in scans if row["subject"] == wildcards.subject]
role = next(row["role"] for row, _ in scans if row["subject"] == wildcards.subject)

train_to_files(
    trainer_of(config, others), {config.steps: out.weights}, out.progress, f"without subject {wildcards.subject}"
)
scores = judge_weights({config.steps: out.weights}, left_out, params.threads, params.averaged, params.rounding)
if role == "test":
    about = {"networks": "leave_one_out", "subjects": [wildcards.subject], "steps": config.steps, **params.logged}
    log_evaluation(params.test_log, scores, [out.weights], **about)
write_table(out.dice, scores.assign(setting=selected["setting"], subject=wildcards.subject, role=role))
