"""Several scans per job: the same files, from fewer jobs; what is wrong with any scan is told."""

from pathlib import Path

import pytest

from dry_run import planned
from small_study import SmallStudy
from vhi.io.batches import Named


def test_files_of_a_job_are_found_by_name_and_place():
    files = Named({"t1w": "a.nii.gz", "stir": "b.nii.gz"})
    assert files.stir == files["stir"] == files[1] == "b.nii.gz"
    assert files.get("mask") is None


@pytest.mark.slow
def test_batches_give_the_same_bytes_from_fewer_jobs(whole_run, tmp_path, snakemake):
    """What whole_run made scan by scan is made anew in batches of two."""
    study = SmallStudy(tmp_path / "small", ensemble=True)
    targets = [f"results/small/{name}.nii.gz" for name in ("3b_disease_region/ensemble/a1", "6_cleaning/R1/1/a1")]
    snakemake(tmp_path, *targets, "-q", study=study.folder, scans_per_job=2, check=True)
    results = tmp_path / "results" / "small"
    made = [path.relative_to(results) for path in results.rglob("*") if path.is_file() and "logs" not in path.parts]
    made.remove(Path("manifest.tsv"))
    assert {Path(f"3b_disease_region/ensemble/{scan}.nii.gz") for scan in ("a1", "a2")} <= set(made)  # all of its batch
    for name in made:
        assert (results / name).read_bytes() == (whole_run.results / name).read_bytes(), name


def test_jobs_of_a_batch(small_study, snakemake, tmp_path):
    small_study.config["scans_per_job"] = 2
    study = small_study.write().empty_files().folder
    jobs = planned(snakemake(tmp_path, "-n", study=study, check=True))
    assert [name for name in jobs if name.startswith("limits")] == ["limits_batch_1"]  # a1 and a2
    assert {name for name in jobs if name.startswith("choose")} == {f"choose_disease_region_batch_{n}" for n in (1, 2)}
    jobs = planned(snakemake(tmp_path, "-n", study=study, scans_per_job=1, check=True))  # the command line wins
    assert jobs["limits"] == 2


@pytest.mark.parametrize("value", ["0", "many", "1.5"])
def test_a_number_of_scans_that_is_none(small_study, snakemake, tmp_path, value):
    done = snakemake(tmp_path, "-n", study=small_study.folder, scans_per_job=value)
    assert done.returncode
    assert f"scans_per_job={value}: expected a whole number from 1" in done.stdout + done.stderr


def test_a_batch_tells_every_scan_that_is_wrong(small_study, snakemake, tmp_path):
    for scan in ("a1", "a2"):
        path = small_study.data / f"{scan}_marrow.nii.gz"
        path.write_bytes(path.read_bytes()[:-400])
    done = snakemake(tmp_path, "results/small/1_normal_bone/a1.tsv", study=small_study.folder, scans_per_job=2)
    said = done.stdout + done.stderr
    assert done.returncode
    assert "a1_marrow.nii.gz: cannot be read as NIfTI" in said
    assert "a2_marrow.nii.gz: cannot be read as NIfTI" in said
    assert "Traceback" not in said
