"""Claims: every printed number has a function, and the checks give what can be worked out by hand."""

from pathlib import Path

import pandas as pd
import pytest

from vhi.claims import FINDINGS, SCAN_COLUMNS, Evidence, geometry_row, judge, status_of
from vhi.errors import InputError
from vhi.pages import table_page
from vhi.study import read_schema, read_table

ROOT = Path(__file__).parents[1]
CLAIMS = pd.DataFrame(read_table(ROOT / "config" / "paper" / "claims.tsv", read_schema(ROOT, "claims")))


@pytest.fixture
def evidence():
    return Evidence(
        scans=pd.DataFrame(columns=SCAN_COLUMNS),
        dice=None,
        measurements=None,
        learning_curves=None,
        published_test_dice=None,
        printed=CLAIMS.set_index("id")["published"].to_dict(),
    )  # fmt: skip


def test_at_least_55_numbers_and_each_has_a_function():
    assert len(CLAIMS) >= 55
    assert set(CLAIMS["id"]) == set(FINDINGS)


def test_with_no_data_at_all_every_claim_has_a_status_and_a_note(evidence):
    judged = judge(CLAIMS, evidence)
    assert set(judged["status"]) <= {"reproduced", "differs", "not public", "contradicts itself", "not run"}
    assert judged["note"].str.len().gt(0).all()


def test_summary_checks(evidence):
    judged = judge(CLAIMS, evidence).set_index("id")
    # t = 2408 / ((3586 - 1230) / 2 / 2.0518) = 4.194 with 27 degrees of freedom
    assert judged.loc["change_slope_p", "ours"] == pytest.approx(0.000264, abs=1e-6)
    assert judged.loc["change_r2", "ours"] == pytest.approx(4.194**2 / (4.194**2 + 27), abs=1e-3)
    assert judged.loc["change_intercept_p", "status"] == "reproduced"
    assert judged.loc["vhi_bias", "ours"] == (-4119 + 4501) / 2
    assert "14 + 11 + 10 = 35" in judged.loc["vhi_sparcc_agreement", "note"]
    assert judged.loc["vhi_sparcc_agreement", "status"] == "contradicts itself"


def test_all_twelve_contradictions_are_told(evidence):
    notes = " ".join(judge(CLAIMS, evidence)["note"]) + " ".join(CLAIMS["statement"])
    for words in (
        "13 clinical non-responders", "no voxels", "percentage points", "all two cases", "two manual and two semi-automatic",
        "L5/S1", "34 scans", "n = 29", "TA383", "Echo time",
    ):  # fmt: skip
        assert words in notes, words
    assert {"vhi_range_high", "no_overfitting"} <= set(CLAIMS["id"])


def test_a_published_table_is_never_called_ours(evidence):
    with_table = Evidence(**{**vars(evidence), "published_test_dice": pd.Series([0.9, 0.98])})
    judged = judge(CLAIMS, with_table).set_index("id")
    assert judged.loc["test_dice_mean", "ours"] is None
    assert "0.9400" in judged.loc["test_dice_mean", "note"]


def test_status_allows_for_the_printed_rounding():
    assert status_of(0.835, 0.84, 0.005) == "reproduced"
    assert status_of(0.8349, 0.84, 0.005) == "differs"
    assert status_of(None, 1, 0) == "not public"


def test_an_unknown_claim_is_an_error(evidence):
    with pytest.raises(InputError, match="no_such_claim"):
        judge(CLAIMS.head(1).assign(id="no_such_claim"), evidence)


def test_echo_time_from_the_header():
    assert geometry_row((25, 336, 336), (3.3, 0.6, 0.6), b"TE=60;Time=131411.990\0")["echo_time_ms"] == 60
    assert pd.isna(geometry_row((25, 336, 336), (3.3, 0.6, 0.6), b"")["echo_time_ms"])


def test_the_page_escapes_and_counts():
    frame = pd.DataFrame({"id": ["x"], "section": ["3 <b>"], "ours": [0.5], "status": ["differs"]})
    page = table_page(frame, "h & h", "section", "status")
    assert "3 &lt;b&gt;" in page
    assert "1 claims" in page
    assert "http" not in page


def test_networks_trained_by_the_whole_protocol_answer_their_claims(evidence):
    trained = Evidence(
        **{
            **vars(evidence),
            "trained_test_dice": pd.Series([0.90, 0.97]),
            "selected": {"setting": "levels-4_kernel-3", "steps": 35000},
        }
    )
    judged = judge(CLAIMS, trained).set_index("id")
    assert judged.loc["test_dice_mean", "ours"] == pytest.approx(0.935)
    assert judged.loc["test_dice_mean", "status"] == "reproduced"
    assert judged.loc[["best_epochs", "best_levels", "best_kernel"], "status"].tolist() == ["reproduced"] * 3


def test_claims_that_lean_on_absent_or_worded_ones_are_told(evidence):
    with pytest.raises(InputError, match=r"'subjects' is checked against claim 'male_subjects'"):
        judge(CLAIMS.head(1), Evidence(**{**vars(evidence), "printed": {}}))
    with pytest.raises(InputError, match="found words"):
        judge(
            CLAIMS.head(1), Evidence(**{**vars(evidence), "printed": {"male_subjects": "many", "female_subjects": 16}})
        )
