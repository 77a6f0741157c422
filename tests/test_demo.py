"""The simulated studies: the demo from end to end, and what a seed fixes."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from absurd import absurd_cells
from commands import verify

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "docs"))


@pytest.fixture(scope="module")
def demo(tmp_path_factory, snakemake):
    """Results of the demo with short trainings, run once."""
    folder = tmp_path_factory.mktemp("demo")
    snakemake(folder, study="demo", variant="short", check=True)
    return folder / "results" / "demo@short"


def test_the_committed_tables_are_those_of_the_design():
    from simulated_tables import DESIGNS, REPEATED, TRIAL, tables

    from vhi.study.load import load_study

    for study in DESIGNS:
        for name, table in tables(study).items():
            assert (ROOT / "config" / study / f"{name}.tsv").read_text() == table.to_csv(sep="\t", index=False), name
        assert len(load_study(ROOT, study).tables["scans"]) == 2 * (DESIGNS[study]["subjects"] + REPEATED.get(study, 0))
    for name, table in tables("trial").items():
        assert (ROOT / "config" / "trial" / f"{name}.tsv").read_text() == table.to_csv(sep="\t", index=False), name
    assert len(load_study(ROOT, "trial").tables["subjects"]) == TRIAL["subjects"]


@pytest.mark.slow
def test_the_demo_makes_everything(demo):
    for name in (
        "0_scans/clinical.tsv", "0_scans/scores.tsv", "0_scans/sparcc_sheets.tsv", "3a_unet_training/cross_validation.tsv",
        "0_scans/test_log.tsv", "3a_unet_training/figure_s1.png", "3b_disease_region/ensemble.tsv",
        "6_cleaning/measurements.tsv", "7_1_overlap/figure_4.png", "7_1_overlap/figure_5.png", "simulated_truth/accuracy.tsv",
        "simulated_truth/cuts.tsv", "6_cleaning/uncertainty.tsv", "6_cleaning/figure_uncertainty.png",
        "6_cleaning/figure_error_sources.svg", "6_cleaning/figure_joints.png", "6_cleaning/joint_totals.tsv",
        "7_3_responsiveness/change_error.tsv",
        "simulated_truth/figure_accuracy.svg", "simulated_truth/calibration.tsv",
    ):  # fmt: skip
        assert (demo / name).stat().st_size > 0, name
    assert len(pd.read_csv(demo / "6_cleaning" / "measurements.tsv", sep="\t")) == 24 * 2 + 6 * 4
    assert "Simulated data" in (demo / "7_1_overlap" / "figure_4.svg").read_text()
    assert absurd_cells(demo) == []


@pytest.mark.slow
def test_a_finished_demo_verifies(demo, monkeypatch, capsys):
    monkeypatch.chdir(demo.parents[1])
    verify.main(["--study", "demo", "--variant", "short"])
    assert "nothing is stale" in capsys.readouterr().out


@pytest.mark.slow
def test_the_networks_of_the_demo_find_the_bone(demo):
    table = pd.read_csv(demo / "3a_unet_training" / "trained_test_dice.tsv", sep="\t")
    assert table["dice_averaged"].mean() > 0.7
    log = pd.read_csv(demo / "0_scans" / "test_log.tsv", sep="\t")
    assert log["evaluation"].tolist() == [1]


@pytest.mark.slow
def test_the_errors_add_up_to_the_difference_from_the_truth(demo):
    accuracy = pd.read_csv(demo / "simulated_truth" / "accuracy.tsv", sep="\t").set_index(["scan", "reader", "trial"])
    sources = pd.read_csv(demo / "simulated_truth" / "error_sources.tsv", sep="\t")
    total = sources.groupby(["scan", "reader", "trial"])["voxels"].sum()
    assert len(accuracy) == 48
    pd.testing.assert_series_equal(accuracy["error_voxels"].sort_index(), total.sort_index(), check_names=False)
    truth = json.loads((demo / "0_scans" / "truth" / "sim01_pre.json").read_text())
    assert truth["simulated"] is True
    assert accuracy.loc[("sim01_pre", "R1", 1), "true_voxels"] == truth["true_voxels"]


# What a seed fixes, on a study of two subjects


def tiny_study(folder: Path, seed: int) -> Path:
    """A simulated study of two subjects, whose networks are trained for a few steps."""
    from simulated_tables import READINGS, SCANS

    from vhi.io.tables import write_table
    from vhi.simulation.cohort import design_study, drawn_scans, readings_table, scans_table, subjects_table

    design = design_study(2, 1, train=1, test=1, fatty=0, sclerotic=0)
    scans = scans_table(design, SCANS)
    readings = readings_table(scans, drawn_scans(scans, 1), ["R1", "R2"], READINGS)
    tables = {"design": design[["subject", "marrow"]], "scans": scans, "readings": readings}
    for name, table in {**tables, "subjects": subjects_table(design, 1)}.items():
        write_table(folder / f"{name}.tsv", table)
    config = {
        "title": "tiny",
        "simulated": True,
        "simulation": {"seed": seed, "matrix": [64, 64, 12]},
        "readers": ["R1", "R2"],
        "ensemble": {"source": "trained", "threads": 1},
        "training": {"members": 1, "steps": 10, "threads": 1},
    }
    (folder / "config.yaml").write_text(yaml.safe_dump(config))
    return folder


TARGETS = [
    "6_cleaning/measurements.tsv", "7_1_overlap/dice.tsv", "0_scans/clinical.tsv", "0_scans/scores.tsv",
    "5_small_regions/sim01_pre.nii.gz", "3b_disease_region/ensemble/sim02_post.nii.gz", "0_scans/sim02_pre_STIR.nii.gz",
    "6_cleaning/R2/1/sim02_post.nii.gz", "3a_unet_training/selected/all/run-1_seed-2024/weights.safetensors",
]  # fmt: skip
OF_A_SEED = ["0_scans/sim02_pre_STIR.nii.gz", "0_scans/scores.tsv"]


@pytest.mark.slow
def test_one_seed_gives_the_same_bytes_with_any_cores_and_batches_and_another_seed_another_study(tmp_path, snakemake):
    made = {}
    runs = (("one", 5, "-c1", TARGETS, 4), ("two", 5, "-c2", TARGETS, 2), ("other", 6, "-c2", OF_A_SEED, 4))
    for name, seed, cores, targets, batch in runs:
        study = tiny_study(tmp_path / name / "tiny", seed)
        paths = [f"results/tiny/{target}" for target in targets]
        snakemake(tmp_path / name, cores, *paths, study=study, scans_per_job=batch, check=True)
        made[name] = {
            target: (tmp_path / name / path).read_bytes() for target, path in zip(targets, paths, strict=True)
        }
    for target in TARGETS:
        assert made["one"][target] == made["two"][target], target
    for target in OF_A_SEED:
        assert made["one"][target] != made["other"][target], target


def test_a_killed_training_goes_on_where_it_was(tmp_path):
    """Kill a training between two epochs; what it writes in the end equals an undisturbed one's."""
    program = """
import sys, os
sys.path.insert(0, sys.argv[1])
import numpy as np
from vhi.region.protocols import Config
from vhi.region.slices import Slices
from vhi.region.training import Trainer
from vhi.region.training_files import train_to_files
rng = np.random.default_rng(1)
slices = Slices([rng.random((6, 32, 32))], [rng.random((6, 32, 32)) > 0.5])
config = Config(unet={"levels": 2, "filters": 4}, steps=12, epoch=3, threads=1)
trainer = Trainer(slices, config)
if sys.argv[3] == "die":
    advance = trainer.advance
    def until_eight():
        if trainer.step == 8:
            os.kill(os.getpid(), 9)
        return advance()
    trainer.advance = until_eight
train_to_files(trainer, {6: sys.argv[2] + "/half.safetensors", 12: sys.argv[2] + "/weights.safetensors"},
               sys.argv[2] + "/progress.tsv", "test")
"""
    made = {}
    for name, orders in (("whole", ["live"]), ("killed", ["die", "live"])):
        folder = tmp_path / name
        folder.mkdir()
        for order in orders:
            command = [sys.executable, "-c", program, str(ROOT / "workflow_scripts"), str(folder), order]
            done = subprocess.run(command, capture_output=True, text=True)
            assert done.returncode == (-9 if order == "die" else 0), done.stderr
            if order == "die":  # Snakemake removes the output of a job that was killed
                (folder / "half.safetensors").unlink()
        names = ("half.safetensors", "weights.safetensors", "progress.tsv")
        made[name] = [(folder / file).read_bytes() for file in names]
        assert not (folder / "checkpoint.pt").exists()
    assert made["whole"] == made["killed"]
    assert np.all(pd.read_csv(tmp_path / "killed" / "progress.tsv", sep="\t")["step"] == [3, 6, 9, 12])
