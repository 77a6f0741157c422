"""The log of evaluations on test scans: numbered, only added to, and beside the study's tables."""

from concurrent.futures import ThreadPoolExecutor

import pandas as pd
import pytest

from small_study import SmallStudy
from vhi.io.errors import InputError
from vhi.region.test_log import COLUMNS, log_evaluation

ABOUT = {
    "results": "small",
    "networks": "ensemble",
    "subjects": ["B", "C"],
    "protocol": "fast",
    "steps": 5,
    "averaged": "",
}


@pytest.fixture
def evaluated(tmp_path):
    (tmp_path / "one.safetensors").write_bytes(b"weights")
    table = pd.DataFrame({"dice": [0.5, 0.7, None], "dice_averaged": [0.6, 0.8, None]})
    return table, [tmp_path / "one.safetensors"]


def test_evaluations_are_numbered_even_where_jobs_end_together(tmp_path, evaluated):
    log = tmp_path / "study" / "test_log.tsv"
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: log_evaluation(log, *evaluated, **ABOUT), range(20)))
    found = pd.read_csv(log, sep="\t")
    assert tuple(found.columns) == COLUMNS
    assert found["evaluation"].tolist() == list(range(1, 21))
    assert found["mean_dice"].round(6).eq(0.6).all()
    assert set(found["subjects"]) == {"B C"}


def test_a_log_with_other_columns_is_left_alone(tmp_path, evaluated):
    log = tmp_path / "test_log.tsv"
    log.write_text("evaluation\tprotocol\n1\tfast\n")
    with pytest.raises(
        InputError, match=r"expected the columns evaluation, date.*found evaluation, protocol; move the file"
    ):
        log_evaluation(log, *evaluated, **ABOUT)
    assert log.read_text() == "evaluation\tprotocol\n1\tfast\n"


def test_evaluations_outlive_the_results_those_without_a_test_subject_too(snakemake, tmp_path):
    study = SmallStudy(tmp_path / "small")
    study.scans = [
        [scan, subject, "pre", f"{scan}_T1W.nii.gz", None, None, f"{scan}_region.nii.gz", None, role]
        for scan, subject, role in zip(("a1", "a2", "b1"), "ACB", ("train", "train", "test"), strict=True)
    ]
    study.readings = []
    study.config |= {
        "ensemble": {"source": "trained", "threads": 1},
        "training": {"protocol": "fast", "steps": 1, "folds": 2, "members": 1, "threads": 1},
    }
    study.write()
    table = "results/small/3a_unet_training/trained_test_dice.tsv"
    snakemake(tmp_path, table, "leave_one_out", study=study.folder, check=True)
    log = pd.read_csv(study.folder / "test_log.tsv", sep="\t")
    assert sorted(zip(log["networks"], log["subjects"], log["steps"], strict=True)) == [
        ("ensemble", "B", 1), ("leave_one_out", "B", 1),
    ]  # fmt: skip
    again = snakemake(tmp_path, "-n", table, study=study.folder, check=True)  # the log is no unknown table of the study
    assert "Nothing to be done" in again.stdout + again.stderr
