"""Write which versions, which config and which inputs, by hash, gave the results of a study."""

import platform
from pathlib import Path

import yaml

from vhi.io.errors import tell_errors
from vhi.io.files import write_text
from vhi.io.tables import write_table
from vhi.report.pages import sheet_page
from vhi.report.provenance import hashes, one_hash, settings, versions

tell_errors(snakemake.log[0])
source, params, out = snakemake.input, snakemake.params, snakemake.output
inputs = hashes((role, name, path) for (role, name), path in zip(params.files, source.files, strict=True))
code = hashes(("code", name, path) for name, path in zip(params.code, source.code, strict=True))
named = dict(zip(params.code, source.code, strict=True))
environments = {
    Path(name).stem: yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    for name, path in named.items()
    if name.startswith("envs/")
}
installed, used = versions(environments), settings(params.config, params.defaults)
write_table(out.inputs, inputs)
write_table(out.versions, installed)
write_table(out.settings, used)
facts = {
    "Workflow": f"V_HI {params.version}",
    "Code, SHA-256 of all files": one_hash(code),
    "Inputs, SHA-256 of all files": one_hash(inputs),
    "Python": platform.python_version(),
    "Machine": f"{platform.system()} {platform.machine()}",
}
parts = {
    "Config that differs from the default": used[used["changed"] == "yes"].drop(columns="changed"),
    "Versions": installed,
    "Inputs": inputs,
}
write_text(out.sheet, sheet_page(f"Provenance: {params.title}", facts, parts))
