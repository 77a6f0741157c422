"""The workflow as a whole: dry runs over zero-byte cohorts, a small study from end to end, bad input."""

import gzip
import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import nibabel as nib
import numpy as np
import pandas as pd
import pytest

from absurd import absurd_cells
from archive import MANIFEST
from dry_run import planned
from small_study import SHAPE, SmallStudy, oblique_affine, save
from stored import stored_otherwise
from vhi.io.errors import InputError
from vhi.study.load import load_study
from vhi.study.plan import Plan

ROOT = Path(__file__).parents[1]


# Dry runs


def test_a_complete_cohort(small_study, snakemake, tmp_path):
    jobs = planned(snakemake(tmp_path, "-n", study=small_study.empty_files().folder, check=True))
    assert jobs["drop_small_regions"] == 2
    assert jobs["choose_disease_region"] == 3  # b1 has no STIR and ends there
    assert jobs["ingest_cleaned_mask"] == 2
    assert jobs["measurements"] == jobs["figure_4"] == jobs["figure_5"] == 1
    assert "segment_disease_region" not in jobs


def test_a_missing_session_and_one_reader_only(small_study, snakemake, tmp_path):
    small_study.scans = [row for row in small_study.scans if row[0] != "a2"]
    small_study.readings = [row for row in small_study.readings if row[0] != "a2" and row[1] == "R1"]
    jobs = planned(snakemake(tmp_path, "-n", study=small_study.write().empty_files().folder, check=True))
    assert jobs["drop_small_regions"] == jobs["ingest_cleaned_mask"] == jobs["measurements"] == 1


def test_no_stir_at_all_ends_with_the_disease_region(small_study, snakemake, tmp_path):
    for row in small_study.scans:
        row[4] = None
    small_study.readings = []
    jobs = planned(snakemake(tmp_path, "-n", study=small_study.write().empty_files().folder, check=True))
    assert {"choose_disease_region", "cohort"} <= set(jobs)  # who took part is known without a reading
    assert not {"normal_marrow_intensities", "threshold_inflammation", "measurements", "agreement"} & set(jobs)


def test_open_readings_wait_and_preliminary_is_a_target(small_study, snakemake, tmp_path):
    small_study.readings[-1][-1] = None
    study = small_study.write().empty_files().folder
    jobs = planned(snakemake(tmp_path, "-n", study=study, check=True))
    assert "measurements" not in jobs
    done = snakemake(tmp_path, "-n", study=study)
    assert "Waiting for 1 readings" in done.stdout + done.stderr
    assert "reader R2 has 1 open: a2" in done.stdout + done.stderr
    assert jobs["ingest_cleaned_mask"] == 2  # what is handed in is checked at once
    jobs = planned(snakemake(tmp_path, "-n", "preliminary", study=study, check=True))
    assert "ingest_cleaned_mask" not in jobs
    assert jobs["drop_small_regions"] == 2


def test_preliminary_says_how_many_scans_have_one_and_what_to_do(snakemake, tmp_path):
    study = SmallStudy(tmp_path / "small")
    study.readings = []
    for row in study.scans:
        row[5] = None
    done = snakemake(tmp_path, "preliminary", study=study.write().folder)
    told = done.stdout + done.stderr
    assert "0 of 3 scans have a preliminary segmentation: normal marrow missing and STIR missing" in told
    assert "Next: draw normal marrow on each of these STIR scans on its page (make read STUDY=" in told
    study.scans[0][5] = "a1_marrow.nii.gz"
    done = snakemake(tmp_path, "preliminary", study=study.write().folder, check=True)
    told = done.stdout + done.stderr
    assert "1 of 3 scans have a preliminary segmentation" in told
    assert "make report" not in told


@pytest.mark.parametrize("limits", [{"rule": "disease_region", "shading": "n4"}, {"rule": "patch_tail"}])
def test_every_rule_of_the_limits_finds_the_lesion(limits, snakemake, tmp_path):
    study = SmallStudy(tmp_path / "small")
    study.readings, study.config["limits"] = [], limits
    needs_patch = limits["rule"] == "patch_tail"
    study.scans[1][5] = study.scans[1][5] if needs_patch else None
    snakemake(tmp_path, "preliminary", study=study.write().folder, check=True)
    results = tmp_path / "results" / "small"
    for scan in ("a1", "a2"):
        found = json.loads((results / f"2_threshold/{scan}.json").read_text())
        assert found["lower"] < found["upper"]
        lesion = np.asarray(nib.load(results / f"5_small_regions/{scan}.nii.gz").dataobj)[12:18, 10:20, 2:4]
        assert (lesion > 0).mean() > 0.9
        assert (results / f"5_small_regions/{scan}_stability.tsv").is_file()
        assert (results / f"2_threshold/{scan}_unshaded.nii.gz").is_file() == ("shading" in limits)


def test_a_reading_without_any_disease_region_is_refused(small_study, snakemake, tmp_path):
    small_study.scans[0][6] = None
    done = snakemake(tmp_path, "-n", study=small_study.write().folder)
    assert done.returncode
    assert "row 6: the reading of scan a1 by R1 needs a disease region" in done.stdout + done.stderr


def test_every_shipped_study_can_be_planned(snakemake, tmp_path):
    done = snakemake(tmp_path, "-n", study="paper", data=tmp_path / "nowhere")
    assert done.returncode
    assert "nowhere' of study paper does not exist" in done.stdout + done.stderr
    (tmp_path / "empty").mkdir()
    done = snakemake(tmp_path, "-n", study="paper", data=tmp_path / "empty")
    assert done.returncode == 0
    assert (done.stdout + done.stderr).count("files of study paper are not in") == 1
    for line in (ROOT / "config" / "template" / "scans.tsv").read_text().splitlines():
        for cell in line.split("\t"):
            if cell.endswith(".nii.gz"):
                (tmp_path / "data" / cell).parent.mkdir(parents=True, exist_ok=True)
                (tmp_path / "data" / cell).touch()
    jobs = planned(snakemake(tmp_path, "-n", study="template", data=tmp_path / "data", check=True))
    assert jobs["drop_small_regions"] == 2
    whole_repository = (ROOT / "config" / "paper" / "manifest.tsv").read_text().splitlines()[1:]
    for line in whole_repository:
        path = tmp_path / "public" / line.split("\t")[0]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    for variant in (
        "conservative",
        "train-fast",
        "train-fast-abnormal",
        "train-robust",
        "train-thorough",
    ):  # the plan alone
        plan = Plan(load_study(ROOT, "paper", variant, str(tmp_path / "public")), ROOT)
        assert (len(plan.segmentable), len(plan.measurable), len(plan.cleaned_readings)) == (47, 10, 16)
        assert plan.targets
    for variant in ("", "train-paper"):
        done = snakemake(tmp_path, "-n", study="paper", data=tmp_path / "public", variant=variant, check=True)
        jobs = planned(done)
        assert jobs["segment_disease_region"] == 21 + 26  # of scans.tsv, and found by pattern
        assert jobs["drop_small_regions"] == 10
        assert jobs["ingest_cleaned_mask"] == 16
        assert "are not in" not in done.stdout + done.stderr  # nothing is absent
    assert planned(snakemake(tmp_path, "-n", study="trial", check=True))["mixed_model"] == 1
    search = {"study": "paper", "data": tmp_path / "public", "variant": "search-truncated"}
    assert planned(snakemake(tmp_path, "-n", "cross_validation", **search, check=True))["train_fold"] == 6
    search["variant"] = "train-fast"
    assert planned(snakemake(tmp_path, "-n", "leave_one_out", **search, check=True))["train_left_out"] == 10


def test_unknown_keys_on_the_command_line_are_refused(small_study, snakemake, tmp_path):
    done = snakemake(tmp_path, "-n", study=small_study.folder, presicion="fp32")
    assert done.returncode
    assert "--config presicion=...: unknown; allowed are study, data and variant" in done.stdout + done.stderr


def test_a_truncated_search_and_the_subjects_left_out(snakemake, tmp_path):
    study = SmallStudy(tmp_path / "small")
    regions = [[f"{scan}_{part}.nii.gz" for part in ("T1W", "region")] for scan in ("a1", "a2", "b1")]
    study.scans = [
        [scan, subject, "pre", t1w, None, None, region, None, role]
        for (t1w, region), scan, subject, role in zip(
            regions, ("a1", "c1", "b1"), "ACB", ("train", "train", "test"), strict=True
        )
    ]
    study.readings = []
    training = {"protocol": "paper", "levels": [2], "kernels": [3, 5], "steps": 2, "folds": 2, "tried_folds": [3]}
    study.config |= {
        "ensemble": {"source": "trained", "threads": 1},
        "training": training | {"threads": 1, "leave_one_out_steps": 1},
    }
    study.write()
    with pytest.raises(InputError, match=r"training.tried_folds: expected folds from 1 to 2"):
        assert Plan(load_study(ROOT, str(study.folder)), ROOT).fold_trainings
    training["tried_folds"] = [2]
    three, study.scans = study.scans, study.scans[:1]
    study.config["training"] = training
    study.write()
    with pytest.raises(InputError, match="annotate a second subject"):
        assert Plan(load_study(ROOT, str(study.folder)), ROOT).targets_of_leave_one_out
    study.scans = three
    study.config["training"] = training | {"threads": 1, "leave_one_out_steps": 1}
    study.write()
    jobs = planned(snakemake(tmp_path, "-n", "leave_one_out", study=study.folder, check=True))
    snakemake(tmp_path, "leave_one_out", study=study.folder, check=True)
    assert (jobs["train_fold"], jobs["train_left_out"]) == (2, 3)
    trained = tmp_path / "results" / "small" / "3a_unet_training"
    search = pd.read_csv(trained / "cross_validation.tsv", sep="\t")
    assert sorted(search["setting"]) == ["levels-2_kernel-3", "levels-2_kernel-5"]
    assert set(search["folds"]) == {1}
    assert set(search["note"]) == {"truncated at 2 of 35,000 steps"}
    left_out = pd.read_csv(trained / "leave_one_out.tsv", sep="\t").set_index("subject")
    assert list(left_out.index) == ["A", "B", "C", "all"]
    assert left_out.loc["B", "role"] == "test"
    assert set(left_out["note"]) == {"shorter recipe: 1 of 35,000 steps"}
    assert set(left_out["setting"]) == {search.loc[search["selected"], "setting"].item()}


# A small study from end to end


def test_the_queue_is_looked_at_once_per_finished_job(whole_run):
    said = whole_run.done.told
    looks, jobs = said.count("Ready jobs: "), said.count("Finished jobid: ")
    assert 0 < looks <= jobs + 5  # Snakemake by itself: 903 looks for 52 jobs


def test_every_step_has_its_output(whole_run):
    for name in (
        "1_normal_bone/a1.tsv", "2_threshold/a1.json", "3b_disease_region/b1.nii.gz", "3b_disease_region/ensemble.tsv",
        "3b_disease_region/ensemble/b1.json", "3a_unet_training/test_dice.tsv", "4_inflammation/a2.nii.gz",
        "5_small_regions/a2_stability.tsv", "6_cleaning/R1/1/a1.json", "6_cleaning/measurements.tsv",
        "7_1_overlap/dice.tsv", "7_1_overlap/composite.tsv", "7_1_overlap/figure_4.svg", "7_1_overlap/figure_5.png",
        "cohort/characteristics.tsv", "7_1_overlap/medians.tsv", "7_1_overlap/tests.tsv", "7_2_agreement/ratios.tsv",
        "7_2_agreement/reliability.tsv", "7_2_agreement/figure_6.svg", "7_2_agreement/figure_7.png",
        "6_cleaning/figure_joints.png", "6_cleaning/joint_scores.tsv",
    ):  # fmt: skip
        assert (whole_run.results / name).stat().st_size > 0, name


def test_limits_have_no_interval(whole_run):
    limits = json.loads((whole_run.results / "2_threshold" / "a1.json").read_text())
    assert set(limits) == {"scan", "lower", "upper", "n", "q1", "q3", "iqr", "voxels", "stability"}
    assert set(limits["stability"]) == {"without_brightest"}
    patches = pd.read_csv(whole_run.results / "5_small_regions" / "a2_stability.tsv", sep="\t")["patch"]
    assert patches.tolist() == ["as drawn", "without the brightest voxel"]


def test_a_scan_that_no_table_names_goes_as_far_as_its_t1w_allows(whole_run):
    regions = pd.read_csv(whole_run.results / "3b_disease_region" / "ensemble.tsv", sep="\t")
    assert regions.set_index("scan").loc["f1", "published_voxels"] == 32 * 36 * 4
    assert (whole_run.results / "3b_disease_region" / "f1.nii.gz").is_file()
    assert not (whole_run.results / "5_small_regions" / "f1.nii.gz").exists()
    assert "f1" in (whole_run.results / "provenance" / "inputs.tsv").read_text()


def test_cohort_and_agreement_of_one_patient(whole_run):
    flow, scores, limits, composite = (
        pd.read_csv(whole_run.results / name, sep="\t")
        for name in (
            "cohort/flow.tsv",
            "cohort/sparcc.tsv",
            "7_2_agreement/limits.tsv",
            "7_1_overlap/composite.tsv",
        )
    )
    flow = flow.set_index("stage")
    assert flow.loc["STIR scan", "lost"] == "b1 f1"  # f1 is the scan that no table names
    assert flow.loc["SPARCC by all readers", "subjects_followed_up"] == 1
    assert scores["sparcc"].tolist() == [3, 4, 5, 6]
    limits = limits[(limits["quantity"] == "bias") & (limits["scale"] == "raw")]
    bias = limits.set_index(["measure", "sessions", "method"])["estimate"]
    assert bias["V_HI", "all", "paper"] == (0 + 100 - 90) / 2
    assert bias["SPARCC", "all", "clustered"] == -1
    assert set(composite["composite"]) >= {"manual", "mixed", "others"}


def test_parts_of_the_joints_sum_to_vhi(whole_run):
    measured, joints, totals = (
        pd.read_csv(whole_run.results / "6_cleaning" / f"{name}.tsv", sep="\t")
        for name in ("measurements", "joints", "joint_totals")
    )
    keys = ["scan", "reader", "trial"]
    cleaned = measured[(measured["method"] == "semiautomatic") & (measured["source"] == "mask")].set_index(keys)
    sums = joints.groupby(keys)["vhi_voxels"].sum()
    assert sums.to_dict() == cleaned["vhi_voxels"].to_dict()
    assert totals["sparcc"].tolist() == [3, 4]
    assert totals["quadrant_score"].between(0, 48).all()


def test_no_table_has_an_absurd_cell(whole_run):
    assert absurd_cells(whole_run.results) == []


def test_the_chain_gives_what_a_few_lines_of_numpy_give(whole_run):
    """Steps (i) to (v) once more, as plainly as they can be written, on the arrays as stored."""
    from scipy import ndimage

    data = {part: nib.load(whole_run.data / f"a1_{part}.nii.gz").get_fdata() for part in ("STIR", "marrow", "region")}
    marrow = data["STIR"][data["marrow"] > 0]
    q1, q3 = np.percentile(marrow, [25, 75])
    n, iqr, upper = 1.5, q3 - q1, marrow.max()
    while upper - (q3 + n * iqr) >= iqr / 2:
        n += 0.05
    while round(upper - (q3 + n * iqr), 3) <= 0:
        n -= 0.05
    lower = q3 + n * iqr
    limits = json.loads((whole_run.results / "2_threshold" / "a1.json").read_text())
    assert (limits["lower"], limits["upper"]) == (lower, upper)
    expected = np.where(data["region"] > 0, (data["STIR"] >= lower) * 1 + (data["STIR"] >= upper), 0)
    written = nib.load(whole_run.results / "4_inflammation" / "a1.nii.gz")
    np.testing.assert_array_equal(np.asarray(written.dataobj), expected)
    for k in range(SHAPE[2]):
        regions, count = ndimage.label(expected[:, :, k], np.ones((3, 3)))
        for number in range(1, count + 1):
            if (regions == number).sum() < 4:
                expected[:, :, k][regions == number] = 0
    preliminary = nib.load(whole_run.results / "5_small_regions" / "a1.nii.gz")
    np.testing.assert_array_equal(np.asarray(preliminary.dataobj), expected)


def test_measurements_say_where_each_number_comes_from(whole_run):
    table = pd.read_csv(whole_run.results / "6_cleaning" / "measurements.tsv", sep="\t")
    assert list(table) == (
        [
            "scan",
            "subject",
            "session",
            "reader",
            "trial",
            "method",
            "repeat",
            "source",
            "vhi_voxels",
            "vhi_mm3",
            "lower_only_voxels",
            "upper_voxels",
            "regions",
        ]
    )
    assert len(table) == 8
    counted = table[table["source"] == "published count"]
    assert counted["vhi_voxels"].tolist() == [100, 90]
    assert counted[["lower_only_voxels", "upper_voxels", "regions"]].isna().all().all()
    np.testing.assert_allclose(table["vhi_mm3"] / table["vhi_voxels"], 0.6 * 0.6 * 3.3, rtol=1e-6)
    cleaned = table[(table["method"] == "semiautomatic") & (table["source"] == "mask")]
    assert (cleaned["lower_only_voxels"] + cleaned["upper_voxels"] == cleaned["vhi_voxels"]).all()


def test_dice_of_every_pair(whole_run):
    table = pd.read_csv(whole_run.results / "7_1_overlap" / "dice.tsv", sep="\t")
    assert list(table) == ["scan", "a", "b", "method", "dice", "volume_similarity", "source"]
    assert len(table[(table["scan"] == "a1") & (table["b"] != "preliminary")]) == 15  # six readings
    cleaned = table[(table["method"] == "semiautomatic") & (table["scan"] == "a1") & (table["b"] != "preliminary")]
    assert cleaned["dice"].tolist() == [1.0]


def test_a_second_run_does_nothing(whole_run):
    assert "Nothing to be done" in whole_run.make("run", "ARGS=--quiet").told


def test_no_result_carries_a_path_of_this_machine_or_a_time(whole_run):
    for path in whole_run.results.rglob("*"):
        if path.suffix in (".tsv", ".json", ".svg") and path.is_file():
            text = path.read_text()
            assert str(whole_run.checkout) not in text, path
            assert "101010" not in text, path
    for path in whole_run.results.rglob("*.nii.gz"):
        assert b"TE=" not in gzip.decompress(path.read_bytes())[:400]


def test_an_edit_to_a_module_reruns_what_stands_on_it(tmp_path, snakemake):
    house = tmp_path / "house"
    for part in ("rules", "envs", "workflow_scripts", "notebooks", "config", "profiles"):
        shutil.copytree(ROOT / part, house / part, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("Snakefile", "CITATION.cff"):
        shutil.copy(ROOT / file, house)
    study = SmallStudy(tmp_path / "small")
    targets = ["results/small/2_threshold/a1.json", "results/small/1_normal_bone/a1.tsv"]

    def run(*arguments):
        return snakemake(house, "-s", str(house / "Snakefile"), *targets, *arguments, study=study.folder, check=True)

    run()
    path = house / "workflow_scripts" / "vhi" / "marrow" / "limits.py"
    path.write_text(path.read_text() + "\n# an edit\n")
    jobs = planned(run("-n"))
    assert jobs["limits"] == 1
    assert "normal_marrow_intensities" not in jobs


def test_scans_stored_otherwise_give_the_same_voxels(whole_run, tmp_path, snakemake):
    turned = SmallStudy(tmp_path / "turned", ensemble=True).add_further_scan()
    for path in turned.data.glob("*.nii.gz"):
        file = nib.load(path)
        save(path, *stored_otherwise(np.asarray(file.dataobj), oblique_affine(), (2, 0, 1), (True, False, True)))
    measured = "results/turned/6_cleaning/measurements.tsv"
    snakemake(tmp_path, measured, study=turned.folder, check=True)
    assert (tmp_path / measured).read_text() == (whole_run.results / "6_cleaning" / "measurements.tsv").read_text()


def test_the_conservative_variant_counts_the_upper_limit(whole_run, snakemake):
    (whole_run.folder / "variants").mkdir(exist_ok=True)
    (whole_run.folder / "variants" / "conservative.yaml").write_text("limits: {vhi: upper}\n")
    names = ("7_1_overlap/figure_5.png", "6_cleaning/measurements.tsv", "7_1_overlap/medians.tsv")
    targets = [f"results/small study@conservative/{name}" for name in names]
    mine = ["-s", str(whole_run.checkout / "Snakefile")]
    snakemake(whole_run.checkout, *targets, *mine, study=whole_run.folder, variant="conservative", check=True)
    results = whole_run.checkout / "results" / "small study@conservative"
    table = pd.read_csv(results / "6_cleaning" / "measurements.tsv", sep="\t")
    cleaned = table[(table["method"] == "semiautomatic") & (table["source"] == "mask")]
    assert (cleaned["vhi_voxels"] == cleaned["upper_voxels"]).all()
    absent = table[table["source"].str.startswith("not available")]
    assert absent["vhi_voxels"].isna().all()
    assert len(absent) == 2


def test_the_download_is_a_rule(tmp_path, snakemake, server):
    study = SmallStudy(tmp_path / "small")
    study.config |= {
        "absent_files": "report",
        "data": str(tmp_path / "downloaded"),
        "download": {"url": server.url, "manifest": "manifest.tsv"},
    }
    study.write()
    MANIFEST.to_csv(study.folder / "manifest.tsv", sep="\t", index=False)
    snakemake(tmp_path, "download_public_data", study=study.folder, check=True)
    assert (tmp_path / "downloaded" / "data" / "a.nii.gz").read_bytes() == b"scan a"
    assert (tmp_path / "results" / "small" / "0_scans" / "download.tsv").is_file()


# Bad input: one clear message each, no traceback, no output; a scan for each, in one run

PRELIMINARY = "results/small/5_small_regions/{scan}.nii.gz"
CLEANED = "results/small/6_cleaning/R1/1/{scan}.nii.gz"


def truncate(study, name):
    path = study.data / name
    path.write_bytes(path.read_bytes()[:-400])


def redraw(study, name, **changes):
    def change(array):
        for key, value in changes.items():
            array = value(array) if key == "array" else array
        return array

    path = study.data / name
    file = nib.load(path)
    save(path, change(file.get_fdata()), changes.get("affine"), dtype=changes.get("dtype", np.int16))


def nan(array):
    array[3, 3, 3] = np.nan
    return array


def soft(array):
    array[array > 0] = 0.7
    return array


def added(array):
    array = array.copy()
    array[4:6, 4:6, 2] = 1
    return array


def conflict(study):
    path = study.data / "a1_STIR.nii.gz"
    file = nib.load(path)
    moved = oblique_affine(origin=(31.0, 10.0, -20.0))
    header = file.header.copy()
    header.set_qform(oblique_affine(), 1)
    header.set_sform(moved, 1)
    header.set_slope_inter(1, 0)
    header["vox_offset"] = 352
    header["magic"] = b"n+1"
    path.write_bytes(gzip.compress(header.binaryblock + b"\0" * 4 + np.asarray(file.dataobj).tobytes("F")))


BAD = {
    "truncated": (lambda s: truncate(s, "a1_STIR.nii.gz"), PRELIMINARY, "a1_STIR.nii.gz: cannot be read as NIfTI"),
    "T1w and STIR on different grids": (
        lambda s: [
            redraw(s, f"a1_{part}.nii.gz", affine=oblique_affine(origin=(32.0, 10, -20))) for part in ("T1W", "region")
        ],
        PRELIMINARY, "a1_T1W.nii.gz: on another grid than",
    ),
    "mask on another grid": (
        lambda s: redraw(s, "a1_marrow.nii.gz", affine=oblique_affine(origin=(30.3, 10, -20))),
        PRELIMINARY, "a1_marrow.nii.gz: on another grid than",
    ),
    "NaN": (lambda s: redraw(s, "a1_STIR.nii.gz", array=nan, dtype=np.float32), PRELIMINARY, "1 voxels that are NaN"),
    "labels that are not whole": (
        lambda s: redraw(s, "a1_marrow.nii.gz", array=soft, dtype=np.float32), PRELIMINARY, "among 0, 1, found 0.7",
    ),
    "empty marrow": (
        lambda s: redraw(s, "a1_marrow.nii.gz", array=lambda a: a * 0), PRELIMINARY, "normal-marrow region is empty",
    ),
    "empty disease region": (
        lambda s: redraw(s, "a1_region.nii.gz", array=lambda a: a * 0), PRELIMINARY, "the disease region is empty",
    ),
    "constant marrow": (
        lambda s: redraw(s, "a1_STIR.nii.gz", array=lambda a: a * 0 + 9), PRELIMINARY, "interquartile range of 0",
    ),
    "4D": (
        lambda s: redraw(s, "a1_STIR.nii.gz", array=lambda a: np.stack([a, a], 3)), PRELIMINARY, "found 4D",
    ),
    "qform and sform in conflict": (conflict, PRELIMINARY, "qform and sform disagree by 1 mm"),
    "added voxels": (lambda s: redraw(s, "a1_cleaned_R1.nii.gz", array=added), CLEANED, "4 of 124 voxels lie outside"),
    "flipped": (
        lambda s: redraw(s, "a1_cleaned_R1.nii.gz", array=lambda a: a[::-1]), CLEANED, "flipped along columns",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def refused(tmp_path_factory, snakemake):
    """A study of one scan for each kind of bad input, run once: folder, what was said, and targets."""
    folder = tmp_path_factory.mktemp("refused")
    study = SmallStudy(folder / "small")
    scans, readings, targets = [], [], {}
    for number, (name, (damage, target, _)) in enumerate(BAD.items()):
        scan = f"s{number:02d}"
        part = SimpleNamespace(data=study.data / scan)
        shutil.copytree(study.data, part.data, ignore=lambda path, names: [name for name in names if name[:2] != "a1"])
        damage(part)
        scans.append([scan, scan, "pre", *(cell and f"{scan}/{cell}" for cell in study.scans[0][3:8]), "apply"])
        readings += [[scan, *row[1:4], f"{scan}/{row[4]}", None] for row in study.readings[4:6]]
        targets[name] = target.format(scan=scan)
    study.scans, study.readings = scans, readings
    done = snakemake(folder, "-k", *targets.values(), study=study.write().folder)
    assert done.returncode
    return folder, done.stdout + done.stderr, targets


@pytest.mark.parametrize("name", BAD)
def test_bad_input_ends_in_one_clear_message(refused, name):
    folder, told, targets = refused
    message = BAD[name][2]
    assert message in told
    assert not (folder / targets[name]).exists()


def test_a_manual_mask_on_another_grid_is_refused(small_study, snakemake, tmp_path):
    redraw(small_study, "a1_R11.nii.gz", affine=oblique_affine(origin=(30.3, 10, -20)))
    target = "results/small/7_1_overlap/dice.tsv"
    done = snakemake(tmp_path, target, study=small_study.folder)
    assert "a1_R11.nii.gz: on another grid than" in done.stdout + done.stderr
    assert not (tmp_path / target).exists()


def test_messages_of_bad_input_hold_no_traceback_and_nothing_is_half_written(refused):
    folder, told, _ = refused
    assert "Traceback" not in told
    assert told.count("ERROR: ") >= len(BAD), told[-3000:]
    assert not list(folder.rglob(".writing-*"))


def test_a_mask_of_another_preliminary_is_refused(tmp_path, snakemake):
    study = SmallStudy(tmp_path / "small")
    # Noise above the limit in the whole region gives many small regions; the mask cuts most of them.
    rng = np.random.default_rng(5)
    stir = nib.load(study.data / "a1_STIR.nii.gz").get_fdata()
    for row in range(9, 38, 4):
        stir[row : row + 2, 8:40, 3] += 150
    save(study.data / "a1_STIR.nii.gz", stir)
    preliminary, cleaned = PRELIMINARY.format(scan="a1"), CLEANED.format(scan="a1")
    snakemake(tmp_path, preliminary, study=study.folder, check=True)
    kept = np.asarray(nib.load(tmp_path / preliminary).dataobj) > 0
    save(study.data / "a1_cleaned_R1.nii.gz", kept & (rng.random(SHAPE) < 0.6), dtype=np.uint8)
    done = snakemake(tmp_path, cleaned, study=study.folder)
    assert "made from another preliminary segmentation" in done.stdout + done.stderr
    assert not (tmp_path / cleaned).exists()


def test_identical_or_damaged_members_are_refused(tmp_path, snakemake):
    study = SmallStudy(tmp_path / "small", ensemble=True)
    target = "results/small/3b_disease_region/ensemble/a1.nii.gz"
    one, two = (study.data / f"member_{number}.safetensors" for number in (1, 2))
    weights = two.read_bytes()
    shutil.copy(one, two)
    done = snakemake(tmp_path, target, study=study.folder)
    assert "same weights as in" in done.stdout + done.stderr
    two.write_bytes(weights[:-500])
    done = snakemake(tmp_path, target, study=study.folder)
    told = done.stdout + done.stderr
    assert "damaged or foreign file" in told
    assert "Traceback" not in told
    assert not (tmp_path / target).exists()
