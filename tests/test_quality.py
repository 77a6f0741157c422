"""Trust in a disease region: what networks say of themselves, the predicted Dice, the flag, the visual assessment."""

import numpy as np
import pandas as pd
import pytest

from vhi.io.errors import InputError
from vhi.region.abnormal import abnormal_versions
from vhi.region.judged import judge, predict_unseen, tally_review
from vhi.region.quality import describe, describe_drawn, fit, predicted_dice, unusual


def block():
    region = np.zeros((4, 20, 20))
    region[1:3, 5:15, 5:15] = 1
    return region


def test_a_sure_and_unanimous_region_describes_itself_so():
    region = block()
    found = describe(np.stack([region, region]), 0.5 + region, voxel_mm3=2.0)
    sure = dict.fromkeys(("expected_dice", "agreement", "largest_share", "symmetry"), 1.0)
    assert found == sure | {
        "continuity": pytest.approx(1 / 3),
        "volume_ml": 0.4,
        "intensity": 1.5,
    }  # it shows on two slices of four
    assert describe_drawn(region, 0.5 + region, 2.0) == {"volume_ml": 0.4, "intensity": 1.5}


def test_doubt_disagreement_and_pieces_lower_what_is_said():
    region = block()
    other = np.roll(region, 5, axis=2)
    assert describe(np.stack([region, other]), region, 1.0)["agreement"] == pytest.approx(0.5)
    doubtful = describe(0.7 * region[None], region, 1.0)
    assert doubtful["expected_dice"] == pytest.approx(2 * 0.7 / 1.7)
    assert np.isnan(doubtful["agreement"])
    pieces = region.copy()
    pieces[0, 0, :10] = 1
    assert describe(pieces[None], region, 1.0)["largest_share"] == pytest.approx(200 / 210)


def test_a_region_that_lacks_a_part_is_neither_symmetric_nor_continuous():
    region = np.zeros((4, 20, 31))
    region[:, 5:15, 3:8] = region[:, 5:15, 23:28] = 1  # both sides, off the middle of the image
    whole = describe(region[None], region, 1.0)
    assert (whole["symmetry"], whole["continuity"]) == (1, 1)
    region[1:3, 5:10, 3:8] = 0
    patchy = describe(region[None], region, 1.0)
    assert patchy["symmetry"] < 0.9
    assert patchy["continuity"] < 0.95
    one_side = np.zeros((1, 20, 31))
    one_side[0, :, 0] = 1
    assert describe(one_side[None], one_side, 1.0)["continuity"] == 0


def test_expected_dice_is_the_dice_where_the_probabilities_are_true():
    random = np.random.default_rng(0)
    p = random.beta(0.5, 0.5, (1, 20, 100, 100))
    truth = random.random(p.shape[1:]) < p[0]
    mine = p[0] > 0.5
    real = 2 * (mine & truth).sum() / (mine.sum() + truth.sum())
    assert describe(p, p[0], 1.0)["expected_dice"] == pytest.approx(real, abs=0.005)


def test_nothing_found_is_described_as_such():
    found = describe(np.zeros((2, 3, 8, 8)), np.ones((3, 8, 8)), 1.0)
    assert [found[name] for name in ("expected_dice", "symmetry", "continuity")] == [0, 0, 0]


def calibration(subjects=8, seed=0):
    """Rows whose Dice follows the expected Dice with noise."""
    random = np.random.default_rng(seed)
    rows = []
    for subject in range(subjects):
        for version in ("as it is", "fatty", "sclerotic"):
            expected = random.uniform(0.4, 0.97)
            rows.append(
                {
                    "subject": str(subject), "version": version, "expected_dice": expected, "agreement": float("nan"),
                    "largest_share": 1.0, "symmetry": 1.0, "continuity": 1.0, "dice": np.clip(expected + random.normal(0, 0.03), 0, 1),
                    "volume_ml": random.normal(300, 30), "intensity": random.normal(0.4, 0.02),
                }
            )  # fmt: skip
    return pd.DataFrame(rows)


def test_a_dice_is_predicted_without_its_subject_and_without_its_kind():
    table = calibration()
    table.loc[table["version"] == "fatty", "dice"] = 0.1  # surely, at any expected Dice
    predicted = predict_unseen(table, table[table["version"] == "as it is"])
    assert predicted[table["version"] == "fatty"].mean() > 0.5
    alone = table[table["version"] == "fatty"]
    assert predict_unseen(alone, alone).mean() == pytest.approx(0.1, abs=0.01)


def test_the_predicted_dice_of_unseen_subjects_follows_the_dice():
    table = calibration()
    drawn = table[table["version"] == "as it is"]
    predicted = predict_unseen(table, drawn)
    found = judge(table["dice"], predicted, 0.85)
    assert found["mean_absolute_error"] < 0.05
    assert found["spearman"] > 0.95
    assert found["failures"] + found["good"] == len(table) == found["n"]
    assert found["failures_flagged"] >= 0.9 * found["failures"]
    model = fit(table, drawn)
    assert model["predictors"] == ["expected_dice"]  # one prediction has no agreement, one part no share
    assert np.corrcoef(predicted_dice(model, table), table["dice"])[0, 1] > 0.95


def test_leaving_out_a_subject_uses_none_of_its_rows():
    table = calibration()
    drawn = table[table["version"] == "as it is"]
    wrong = table.copy()
    wrong.loc[wrong["subject"] == "3", "dice"] = 0.01
    mine = table["subject"] == "3"
    assert np.array_equal(predict_unseen(table, drawn)[mine], predict_unseen(wrong, drawn)[mine])
    with pytest.raises(InputError, match="at least 2 subjects"):
        predict_unseen(table[mine], drawn)


def test_unusual_volumes_are_said_in_words():
    table = calibration()
    model = fit(table, table[table["version"] == "as it is"])
    assert unusual(model, {"volume_ml": 300, "intensity": 0.4}) == []
    (found,) = unusual(model, {"volume_ml": 90, "intensity": 0.4})
    assert found.startswith("volume 90 ml (usual: ")


def test_abnormal_versions_change_the_marrow_and_keep_the_region():
    random = np.random.default_rng(1)
    region = np.zeros((5, 40, 40), np.uint8)
    region[:, 10:30, 10:30] = 1
    t1w = 100 + 10 * random.random(region.shape)
    made = {name: (volume, mask) for name, volume, mask in abnormal_versions(t1w, region, seed=3)}
    inside, outside = (slice(None), slice(17, 23), slice(17, 23)), (slice(None), slice(0, 2), slice(0, 2))
    assert len(made) == 9
    assert np.array_equal(made["as it is"][0], t1w)
    for name, factor in (("fatty", 1.4), ("very fatty", 2.0), ("sclerotic", 0.6), ("very sclerotic", 0.4)):
        volume, mask = made[name]
        assert np.allclose(volume[inside] / t1w[inside], factor, rtol=0.01), name
        assert np.allclose(volume[outside], t1w[outside], rtol=0.01), name
        assert np.array_equal(mask, region)
    assert made["smaller"][0].shape == made["smaller"][1].shape == (5, 36, 36)
    again = {name: volume for name, volume, _ in abnormal_versions(t1w, region, seed=3)}
    assert all(np.array_equal(made[name][0], again[name]) for name in made)


def test_a_subject_counts_by_the_worse_of_its_scans():
    review = pd.DataFrame(
        {"scan": ["a1", "a2", "b1", "b2", "c1"], "rating": ["satisfactory", "failed", "minor", None, None]}
    )
    subjects = pd.DataFrame({"scan": review["scan"], "subject": ["a", "a", "b", "b", "c"]})
    quality = pd.DataFrame({"scan": ["a1", "a2", "b1"], "look_at_it": [False, True, True]})
    found = tally_review(review, quality, subjects).set_index("rating")
    paper = ["paper: satisfactory", "paper: not satisfactory"]  # section 3.1: perfect or minor corrections; failed
    assert found["scans"].drop(paper).to_dict() == {"satisfactory": 1, "minor": 1, "failed": 1, "not rated": 2}
    assert found["subjects"].drop(paper).to_dict() == {"satisfactory": 0, "minor": 1, "failed": 1, "not rated": 1}
    assert found["scans_flagged"].drop(paper).to_dict() == {"satisfactory": 0, "minor": 1, "failed": 1, "not rated": 0}
    assert found.loc[paper, ["scans", "subjects", "scans_flagged"]].to_numpy().tolist() == [[2, 1, 1], [1, 1, 1]]
