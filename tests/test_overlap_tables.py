"""Section 2.7.1: medians, paired tests, composites, and readings with their masks."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from small_study import save
from vhi.cleaning.readings import readings_by_scan
from vhi.statistics.composites import composite_rows
from vhi.statistics.overlap_tables import medians_table, paired_tests, signed_rank

MANUAL = [0.31, 0.52, 0.44, 0.61, 0.70, 0.28, 0.55, 0.66]
CLEANED = [0.55, 0.83, 0.71, 0.60, 0.95, 0.49, 0.90, 0.93]
MACHINE = [0.40, 0.50, 0.45, 0.35, 0.80, 0.30, 0.60, 0.70]


@pytest.fixture
def overlap():
    rows = []
    for method, b, scores in (
        ("manual", "R2.1", MANUAL),
        ("semiautomatic", "R2.1", CLEANED),
        ("semiautomatic", "preliminary", MACHINE),
    ):
        rows += [(f"s{n}", f"p{n}", "R1.1", b, method, score, 0.5, "masks") for n, score in enumerate(scores)]
    columns = ["scan", "subject", "a", "b", "method", "dice", "volume_similarity", "source"]
    return pd.DataFrame(rows, columns=columns)


def test_paired_tests_are_scipys_adjusted_by_holm(overlap):
    found = paired_tests(overlap).set_index("against_b")
    p = [stats.wilcoxon(CLEANED, other).pvalue for other in (MANUAL, MACHINE)]
    assert found["p"].tolist() == pytest.approx(p)
    assert found["p_holm"].tolist() == pytest.approx(multipletests(p, method="holm")[1])
    assert found.loc["R2.1", "median_difference"] == pytest.approx(np.median(np.subtract(CLEANED, MANUAL)))
    assert found.loc["R2.1", "ci_low"] < found.loc["R2.1", "median_difference"] < found.loc["R2.1", "ci_high"]
    assert found["n"].tolist() == [8, 8]


def test_signed_rank_of_wilcoxons_example():
    # Darwin's maize, eighths of an inch, as in Fisher 1935, section 17; W = 24, two-sided P = 0.041 (exact).
    differences = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48]
    statistic, p = signed_rank(differences)
    assert statistic == 24
    assert round(p, 3) == 0.041


def test_tests_without_pairs_or_differences(overlap):
    assert paired_tests(overlap[overlap["method"] == "manual"]).empty
    same = pd.concat([overlap.head(8), overlap.head(8).assign(method="semiautomatic")])
    assert paired_tests(same)[["p", "p_holm", "median_difference"]].to_numpy().tolist() == [[1, 1, 0]]
    assert np.isnan(signed_rank([])[1])


def test_medians_count_scans_with_two_empty_masks(overlap):
    overlap.loc[0, ["dice", "volume_similarity"]] = np.nan
    found = medians_table(overlap).set_index(["method", "b"])
    assert found.loc[("manual", "R2.1"), ["n", "empty"]].tolist() == [7, 1]
    assert found.loc[("semiautomatic", "R2.1"), "median"] == pytest.approx(np.median(CLEANED))
    assert found.loc[("semiautomatic", "R2.1"), "ci_low"] >= min(CLEANED)
    empty = medians_table(overlap.assign(dice=np.nan, volume_similarity=np.nan))
    assert empty["n"].eq(0).all()
    assert empty["empty"].eq(8).all()
    unknown = medians_table(overlap.assign(dice=np.nan, source="published count"))
    assert unknown.empty


def reading(reader, trial, method, mask):
    voxels = 7 if mask is None else int(np.sum(mask))
    about = {"scan": "a", "subject": "A", "session": "pre", "reader": reader, "trial": trial, "method": method}
    return about | {"mask": None if mask is None else np.array(mask, bool), "voxels": voxels}


def test_both_composites_are_named():
    of_scan = [
        reading("R1", 1, "manual", [1, 1, 1, 0]),
        reading("R1", 2, "manual", [1, 1, 0, 0]),
        reading("R2", 1, "manual", [1, 0, 0, 0]),
        reading("R2", 2, "manual", [1, 1, 0, 1]),
        reading("R1", 1, "semiautomatic", [1, 0, 1, 0]),
        reading("R2", 1, "semiautomatic", [1, 0, 1, 0]),
    ]
    found = pd.DataFrame(composite_rows(of_scan, 3)).set_index(["composite", "method", "reader", "trial"])
    assert found.loc[("manual", "semiautomatic", "R1", 1), ["composite_voxels", "dice"]].tolist() == [2, 0.5]
    assert found.loc[("mixed", "semiautomatic", "R1", 1), ["composite_voxels", "dice"]].tolist() == [2, 1]
    # each of the four first trials against two of the other three
    assert found.loc["mixed others", "composite_of"].unique().tolist() == ["3 other first trials, 2 votes"]
    assert found.loc[("mixed others", "semiautomatic", "R1", 1), ["composite_voxels", "dice"]].tolist() == [2, 1]
    assert found.loc[("mixed others", "manual", "R1", 1), ["composite_voxels", "dice"]].tolist() == [2, 0.8]
    of_scan[-1] = reading("R2", 1, "semiautomatic", None)
    found = pd.DataFrame(composite_rows(of_scan, 3)).set_index(["composite", "method", "reader", "trial"])
    assert found.loc["mixed", "source"].eq("not public").all()
    assert found.loc["mixed", "dice"].isna().all()
    assert found.loc[("manual", "semiautomatic", "R2", 1), "source"] == "published count"
    assert composite_rows(of_scan[:2], 3) == []


def test_a_manual_trial_is_scored_against_the_others_alone():
    masks = {("R1", 1): [1, 1, 1, 0], ("R1", 2): [1, 1, 0, 0], ("R2", 1): [1, 0, 0, 0], ("R2", 2): [1, 1, 0, 1]}
    of_scan = [reading(*key, "manual", mask) for key, mask in masks.items()]
    found = pd.DataFrame(composite_rows(of_scan, 3)).set_index(["composite", "reader", "trial"]).loc["others"]
    assert found["composite_of"].unique().tolist() == ["3 other manual trials, 2 votes"]
    assert found["composite_voxels"].tolist() == [2, 2, 2, 2]  # without R2.1, [1, 1, 0, 0] as without any other
    assert found["dice"].tolist() == pytest.approx([4 / 5, 1, 2 / 3, 4 / 5])
    changed = [*of_scan[:3], reading("R2", 2, "manual", [0, 0, 1, 1])]
    again = pd.DataFrame(composite_rows(changed, 3)).set_index(["composite", "reader", "trial"])
    assert again.loc[("others", "R2", 2), "composite_voxels"] == 2  # what R2.2 draws does not enter its reference
    assert "others" not in {row["composite"] for row in composite_rows(of_scan[:3], 3)}


def test_readings_are_read_scan_by_scan(tmp_path):
    mask = np.zeros((6, 6, 4), np.uint8)
    mask[1:3, 1:3, 1] = 1
    labels = mask.copy()
    labels[1, 1, 1] = 2
    paths = [
        save(tmp_path / "drawn.nii.gz", mask, dtype=np.uint8),
        save(tmp_path / "kept.nii.gz", labels, dtype=np.uint8),
    ]
    rows = [
        {"scan": "a", "method": "manual", "has_mask": True, "vhi_voxels": None},
        {"scan": "b", "method": "semiautomatic", "has_mask": False, "vhi_voxels": 5},
        {"scan": "a", "method": "semiautomatic", "has_mask": True, "vhi_voxels": None},
    ]
    found = dict(readings_by_scan(rows, [str(path) for path in paths]))
    assert [row["voxels"] for row in found["a"]] == [4, 4]
    assert found["b"][0]["mask"] is None
    assert found["b"][0]["voxels"] == 5
    upper = dict(readings_by_scan(rows, [str(path) for path in paths], "upper"))
    assert [row["voxels"] for row in upper["a"]] == [4, 1]
    assert "b" not in upper  # published counts are at the lower limit


def test_eight_scans_and_eight_tests_cannot_give_an_adjusted_p_below_a_sixteenth():
    _, smallest = signed_rank(np.arange(1.0, 9))  # all differences on one side: no data give less
    assert smallest == 2 / 2**8
    assert multipletests([smallest] * 8, method="holm")[1].min() == pytest.approx(0.0625)
    assert "8 x 0.0078 = 0.0625" in (Path(__file__).parents[1] / "docs" / "statistics.md").read_text()
