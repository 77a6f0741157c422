"""The simulated study's tables, its accounts against the truth, and the calibration measures."""

import numpy as np
import pandas as pd
import pytest

from vhi.io.errors import InputError
from vhi.simulation import calibration, calibration_summary, cohort, patients
from vhi.simulation.accuracy import account
from vhi.simulation.disease import Reason

FILES = {name: f"data/{{scan}}_{name}.nii.gz" for name in ("t1w", "stir", "normal_marrow", "disease_region")}


@pytest.fixture(scope="module")
def design():
    return cohort.design_study(29, 7)


@pytest.fixture(scope="module")
def scans(design):
    return cohort.scans_table(design, FILES)


def test_design_has_the_studys_split(design, scans):
    assert design["role"].value_counts().to_dict() == {"apply": 19, "train": 8, "test": 2}
    assert design["marrow"].value_counts().to_dict() == {"normal": 26, "fatty": 2, "sclerotic": 1}
    assert (design.loc[design["marrow"] != "normal", "role"] == "apply").all()
    assert len(scans) == 58
    assert scans["role"].value_counts().to_dict() == {"apply": 48, "train": 8, "test": 2}
    assert ((scans["disease_region"] != "") == (scans["role"] != "apply")).all()
    outlined = scans.loc[scans["role"] != "apply", "session"].value_counts().to_dict()
    assert outlined == {"pre": 6, "post": 4}


def test_design_depends_on_the_seed_alone(design):
    assert design.equals(cohort.design_study(29, 7))
    assert not design.equals(cohort.design_study(29, 8))


def test_design_that_does_not_fit_is_refused():
    with pytest.raises(InputError, match="don't fit"):
        cohort.design_study(5, 7)


def test_readings_table(scans):
    drawn = cohort.drawn_scans(scans)
    assert len(drawn) == 8
    table = cohort.readings_table(scans, drawn, ["R1", "R2"], {"manual": "m/{scan}_{reader}_{trial}.nii.gz"})
    assert len(table) == 8 * 4 + 58 * 2
    assert list(table) == ["scan", "reader", "trial", "method", "mask", "vhi_voxels"]
    assert (table.loc[table["method"] == "manual", "trial"].isin(["1", "2"])).all()


def test_scores_are_sums_of_sheets():
    parts = {name: [1, 0, 1] for name in ("q1", "q2", "q3", "q4", "depth", "intensity")}
    sheets = pd.DataFrame(
        {"scan": ["a", "a", "b"], "reader": "R1", "slice": 1, "side": ["right", "left", "left"], **parts}
    )
    table = cohort.scores_table(sheets)
    assert table["sparcc"].tolist() == [6, 6]
    assert (table["source"] == "sheet").all()


def test_subjects_and_clinical_tables(design, scans):
    subjects = cohort.subjects_table(design, 7)
    assert subjects["age"].between(18, 85).all()
    assert (subjects["disease_years"] <= subjects["age"] - 15).all()
    voxels = dict(zip(scans["scan"], np.geomspace(10, 1e5, len(scans)), strict=True))
    clinical = patients.clinical_table(subjects, voxels, 7)
    items = clinical[[*(f"basdai_q{number}" for number in range(1, 7)), "pga", "spinal_vas_cm"]]
    assert items.to_numpy().min() >= 0
    assert items.to_numpy().max() <= 10
    assert (clinical.loc[clinical["session"] == "pre", "date_offset_days"] == 0).all()
    assert clinical.loc[clinical["session"] == "post", "date_offset_days"].between(70, 126).all()
    few = patients.clinical_table(subjects.head(3), voxels, 7)
    pd.testing.assert_frame_equal(few, clinical.head(6))  # a subject's rows don't depend on the others


def test_account_adds_up():
    rng = np.random.default_rng(1)
    region = rng.random((20, 20, 4)) < 0.7
    truth = rng.random(region.shape) < 0.3
    preliminary = (rng.random(region.shape) < 0.4) & region
    cleaned = preliminary & (rng.random(region.shape) < 0.6)
    reason = rng.integers(0, len(Reason), region.shape).astype(np.uint8)
    table = account(preliminary, cleaned, region, truth, reason)
    assert truth.sum() + table["voxels"].sum() == cleaned.sum()


def test_cleaning_measures_by_hand():
    preliminary = np.zeros((8, 8, 2), dtype=bool)
    preliminary[0:2, 0:2, 0] = preliminary[5:7, 5:8, 0] = preliminary[3:5, 3:5, 1] = True
    cleaned = preliminary.copy()
    cleaned[5:7, 5:8, 0] = False
    assert calibration.measure_segmentation(preliminary) == {
        "regions": 3,
        "voxels": 14,
        "largest_share": pytest.approx(6 / 14),
    }
    removed = calibration.measure_cleaning(preliminary, cleaned)
    assert removed == {"regions_removed": pytest.approx(1 / 3), "voxels_removed": pytest.approx(6 / 14)}
    assert np.isnan(calibration.measure_cleaning(preliminary & False, cleaned)["voxels_removed"])


def test_overlap_measures():
    half, full = np.zeros((4, 4, 1), dtype=bool), np.ones((4, 4, 1), dtype=bool)
    half[:2] = True
    manual = {("R1", 1): full, ("R1", 2): half, ("R2", 1): full, ("R2", 2): full}
    row = calibration.measure_overlap(manual, {"R1": half, "R2": half})
    assert row["dice_within_R1"] == pytest.approx(2 / 3)
    assert row["dice_within_R2"] == row["dice_cleaned"] == 1
    assert row["dice_between"] == pytest.approx((1 + 1 + 2 / 3 + 2 / 3) / 4)
    assert calibration.dice(half & False, half & False) == 1


def test_image_measures_of_a_uniform_scan():
    t1w = np.full((24, 24, 8), 100.0)
    stir = np.full((24, 24, 8), 50.0)
    region = np.zeros(t1w.shape, dtype=bool)
    region[4:20, 4:20] = True
    row = calibration.measure_images(t1w, stir, region, region)
    assert row["stir_cv"] == row["stir_noise"] == 0
    assert row["stir_bone"] == row["stir_csf"] == 1
    with pytest.raises(InputError, match="empty"):
        calibration.measure_images(t1w, stir, region & False, region)
    with pytest.raises(InputError, match="shape"):
        calibration.measure_images(t1w[:-1], stir, region, region)


def test_comparison_has_both_studies():
    simulated = pd.DataFrame({"regions": [200.0, 400.0, 600.0], "vhi": [10.0, 20.0, 30.0]})
    real = pd.DataFrame({"regions": [159.0, 799.0]})
    table = calibration_summary.compare(simulated, real)
    assert table.loc["regions", ["simulated_median", "real_median"]].tolist() == [400, 479]
    assert np.isnan(table.loc["vhi", "real_median"])
