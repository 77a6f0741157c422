"""Several scans per job: the same files, from fewer jobs; what is wrong with any scan is told."""

import pytest

from dry_run import planned
from small_study import SmallStudy
from vhi.io.batches import Named


def results_of(folder):
    """Bytes of every result by its path; logs, and the list of all files, aside."""
    results = folder / "results" / "small"
    return {
        str(path.relative_to(results)): path.read_bytes()
        for path in sorted(results.rglob("*"))
        if path.is_file() and "logs" not in path.parts and path.name != "manifest.tsv"
    }


def test_files_of_a_job_are_found_by_name_and_place():
    files = Named({"t1w": "a.nii.gz", "stir": "b.nii.gz"})
    assert files.stir == files["stir"] == files[1] == "b.nii.gz"
    assert files.get("mask") is None


@pytest.mark.slow
def test_batches_give_the_same_bytes_from_fewer_jobs(tmp_path, snakemake):
    made = {}
    for size in (1, 2):
        folder = tmp_path / str(size)
        study = SmallStudy(folder / "small", ensemble=True)
        targets = [f"results/small/{name}.nii.gz" for name in ("3b_disease_region/ensemble/a1", "6_cleaning/R1/1/a1")]
        snakemake(folder, *targets, "-q", study=study.folder, scans_per_job=size, check=True)
        made[size] = results_of(folder)
    assert "3b_disease_region/ensemble/a1.nii.gz" in made[1]
    assert {name: made[2][name] for name in made[1]} == made[1]  # a batch makes all of its scans
    assert "3b_disease_region/ensemble/a2.nii.gz" in made[2].keys() - made[1].keys()


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
