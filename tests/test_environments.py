"""Conda environments have the versions of requirements.txt, and every one of them is used. `make test-conda` builds them."""

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
    named = set(profile["groups"]) | set(profile["set-resources"])
    known = re.findall(r"^rule (\w+):", "".join(path.read_text() for path in (ROOT / "rules").glob("*.smk")), re.M)
    assert named <= set(known)
    assert set(profile["group-components"]) == set(profile["groups"].values())
