"""Ways in which others load the workflow: as a module, from another folder, from a checkout that they cannot write to."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from campaigns.deploy import checkout
from small_study import SmallStudy

ROOT = Path(__file__).parents[1]
pytestmark = pytest.mark.usefixtures("own_processes")  # as a user's runs
MODULE = """
module vhi:
    snakefile: "{snakefile}"
    config: config

use rule * from vhi
"""


def run(folder, *arguments, snakefile=None, **config):
    """Snakemake in a folder, with the Snakefile that lies there or another."""
    command = [sys.executable, "-m", "snakemake", "-c1", *(["-s", str(snakefile)] if snakefile else []), *arguments]
    command += ["--config", *(f"{key}={value}" for key, value in config.items())]
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=600, env=environment)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout + done.stderr


@pytest.fixture
def others(tmp_path):
    """Folder of somebody who loads the workflow as a module, as snakedeploy writes it."""
    folder = tmp_path / "others"
    (folder / "workflow").mkdir(parents=True)
    (folder / "workflow" / "Snakefile").write_text(MODULE.format(snakefile=ROOT / "Snakefile"))
    return folder


def test_as_a_module_the_demo_is_found_in_the_workflow(others):
    assert "segment_disease_region_batch_1" in run(others, "-n", study="demo")


def test_as_a_module_a_study_of_the_working_folder_comes_first(others):
    study = SmallStudy(others / "config" / "demo")
    assert study.folder.is_dir()
    planned = run(others, "-n", study="demo")
    assert "a1" in planned
    assert "sim01_pre" not in planned


def test_as_a_module_the_small_study_runs(others):
    SmallStudy(others / "config" / "small")
    run(others, "results/small/6_cleaning/measurements.tsv", study="small")
    assert (others / "results" / "small" / "6_cleaning" / "measurements.tsv").is_file()
    assert (others / "results" / "small" / "manifest.tsv").is_file()


def test_in_another_directory(tmp_path):
    study = SmallStudy(tmp_path / "small")
    (tmp_path / "elsewhere").mkdir()
    arguments = ("-n", "--directory", str(tmp_path / "elsewhere"))
    assert "threshold_inflammation" in run(tmp_path, *arguments, snakefile=ROOT / "Snakefile", study=study.folder)


def test_from_a_checkout_on_a_path_with_spaces(tmp_path):
    house = checkout(tmp_path / "my checkout (2)")
    study = SmallStudy(tmp_path / "small")
    run(tmp_path, "results/small/2_threshold/a1.json", snakefile=house / "Snakefile", study=study.folder)
    assert (tmp_path / "results" / "small" / "2_threshold" / "a1.json").is_file()


def test_a_checkout_is_only_read(tmp_path):
    house = checkout(tmp_path / "house")
    for path in [house, *house.rglob("*")]:
        path.chmod(
            0o555 if path.is_dir() else 0o444
        )  # root may write all the same, so that the files are counted below
    before = sorted(path for path in house.rglob("*"))
    study = SmallStudy(tmp_path / "small")
    (tmp_path / "work").mkdir()
    target = "results/small/2_threshold/a1.json"
    run(tmp_path / "work", target, snakefile=house / "Snakefile", study=study.folder)
    assert sorted(path for path in house.rglob("*")) == before
    for path in [house, *house.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)


def test_a_workflow_on_a_server_says_that_it_needs_its_files_here(tmp_path):
    text = (ROOT / "rules" / "study.smk").read_text()
    assert 'if "://" in HERE' in text
    assert "clone the" in text
