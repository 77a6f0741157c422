"""Step (iii): train one member of the ensemble with the selected setting."""

from vhi.io.errors import tell_errors
from vhi.io.files import read_json
from vhi.region.protocols import setting_config
from vhi.region.training_files import read_annotated, train_to_files, trainer_of

tell_errors(snakemake.log[0])
params, wildcards, out = snakemake.params, snakemake.wildcards, snakemake.output
selected = read_json(snakemake.input.selected)
config = setting_config(
    selected["setting"], [selected["steps"]], int(wildcards.seed), params.threads, params.abnormal_marrow
)
scans = read_annotated(snakemake.input.scans, params.slice_axis)

trainer = trainer_of(config, scans)
name = f"member {wildcards.run}, part {wildcards.part}"
train_to_files(trainer, {config.steps: out.weights}, out.progress, name, scans=params.scans)
