"""Conda environments have the versions of requirements.txt, and every one of them is used. `make test-conda` builds them."""

import json
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
ENVIRONMENTS = sorted((ROOT / "envs").glob("*.yaml"))
PINNED = runpy.run_path(str(ROOT / "envs" / "pin.py"))["pinned"]


@pytest.mark.parametrize("path", ENVIRONMENTS, ids=lambda path: path.stem)
def test_an_environment_can_be_built_offline_and_is_used(path):
    content = yaml.safe_load(path.read_text())
    assert content["channels"] == ["conda-forge", "nodefaults"]
    for line in content["dependencies"]:  # a pip section would be no string
        assert re.fullmatch(r"[\w.-]+ =[\w.]+", line), line
    assert "python =3.11" in content["dependencies"]
    rules = "".join(rules.read_text() for rules in (ROOT / "rules").glob("*.smk"))
    assert f"../envs/{path.name}" in rules


def test_the_versions_are_written_from_one_source(tmp_path):
    before = "# kept\ndependencies:\n  - python =3.11\n  - pytorch =1.0\n  - pyyaml =0.1\n  - matplotlib-base =3.1\n"
    after = PINNED(before, {"torch": "2.13.0", "pyyaml": "6.0.3", "matplotlib": "3.11.2"})
    assert after == (
        "# kept\ndependencies:\n  - python =3.11\n  - pytorch =2.13.0\n  - pyyaml =6.0.3\n  - matplotlib-base =3.11.2\n"
    )
    files = {path: path.read_text() for path in ENVIRONMENTS}
    subprocess.run([sys.executable, ROOT / "envs" / "pin.py"], check=True)
    assert {path: path.read_text() for path in ENVIRONMENTS} == files


def test_the_profile_for_slurm_names_rules_that_exist():
    profile = yaml.safe_load((ROOT / "profiles" / "slurm" / "config.yaml").read_text())
    known = re.findall(r"^rule (\w+):", "".join(path.read_text() for path in (ROOT / "rules").glob("*.smk")), re.M)
    assert set(profile["set-resources"]) <= set(known)
    assert "groups" not in profile  # of a group's cores, the plugin uses those of one job


def test_every_profile_and_study_is_in_its_readme():
    for folder in ("profiles", "config"):
        text = (ROOT / folder / "README.md").read_text()
        for path in (ROOT / folder).glob("*/config.yaml"):
            assert f"| `{path.parent.name}/` |" in text


def test_the_image_holds_what_the_workflow_needs_and_runs_as_nobody_special():
    text = re.sub(r"^#.*\n", "", (ROOT / "Dockerfile").read_text(), flags=re.M).replace("\\\n", " ")
    lines = [line.split(maxsplit=1) for line in text.splitlines() if line.strip()]
    assert {word for word, _ in lines} == {"FROM", "ENV", "WORKDIR", "COPY", "RUN", "USER", "ENTRYPOINT", "CMD"}
    assert lines[0] == ["FROM", "python:3.11-slim"]
    copied = [name for word, rest in lines if word == "COPY" for name in rest.split()[:-1]]
    assert all((ROOT / name).exists() for name in copied)
    assert {"Snakefile", "rules", "workflow_scripts", "config", "envs", "notebooks", "profiles"} <= set(copied)
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert sorted(line[1:] for line in ignored if line.startswith("!")) == sorted(copied)
    user = next(place for place, (word, _) in enumerate(lines) if word == "USER")
    assert lines[user][1] not in ("root", "0")
    assert [word for word, _ in lines[user:]] == ["USER", "ENTRYPOINT", "CMD"]
    assert json.loads(lines[-2][1]) + json.loads(lines[-1][1]) == ["snakemake", "--config", "study=demo"]


def test_the_catalogue_is_told_what_works():
    usage = yaml.safe_load((ROOT / ".snakemake-workflow-catalog.yml").read_text())["usage"]
    assert set(usage["software-stack-deployment"]) == {"conda", "apptainer", "apptainer+conda", "report"}
    named = re.findall(r"(\w+)=", usage["mandatory-flags"]["flags"])
    assert {f'"{name}"' for name in named} <= set(re.findall(r'"\w+"', (ROOT / "rules" / "study.smk").read_text()))
