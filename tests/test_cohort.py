"""Sections 2.2, 2.3: SPARCC sheets, BASDAI and ASDAS, the cohort's table, flow and window."""

import numpy as np
import pandas as pd
import pytest

from vhi.io.errors import InputError
from vhi.statistics.clinical import asdas_crp, asdas_esr, basdai, check_units, disease_activity
from vhi.statistics.cohort import characteristics, flow, repeat_window
from vhi.statistics.sparcc import EXTRAS, QUADRANTS, check_sheets, sparcc_scores, sum_sheets
from vhi.study.tables import read_study_table

ITEMS = [*(f"basdai_q{number}" for number in range(1, 7)), "pga", "spinal_vas_cm", "crp_mg_l", "esr_mm_h"]


@pytest.fixture
def sheet():
    rows = [(number, side) for number in range(3, 9) for side in ("right", "left")]
    frame = pd.DataFrame(rows, columns=["slice", "side"])
    return frame.assign(scan="a", reader="R1", **dict.fromkeys(QUADRANTS + EXTRAS, 0))


def clinical(rows):
    return pd.DataFrame(rows, columns=["subject", "session", "date_offset_days", *ITEMS])


# SPARCC


def test_a_full_sheet_is_72_and_not_144(sheet):
    full = sheet.assign(**dict.fromkeys(QUADRANTS + EXTRAS, 1))
    check_sheets(full)
    assert sum_sheets(full)["sparcc"].tolist() == [72]
    assert (full[QUADRANTS].to_numpy().sum(), full["depth"].sum(), full["intensity"].sum()) == (48, 12, 12)


@pytest.mark.parametrize("extra", EXTRAS)
def test_depth_and_intensity_need_oedema_on_their_side(sheet, extra):
    sheet.loc[0, "q1"] = sheet.loc[0, extra] = 1  # slice 3, right: fine
    check_sheets(sheet)
    sheet.loc[3, extra] = 1  # slice 4, left: nothing there
    with pytest.raises(InputError, match="scan a, reader R1, slice 4, left: expected depth and intensity only beside"):
        check_sheets(sheet)


def test_slices_are_six_consecutive_with_two_sides(sheet):
    with pytest.raises(InputError, match="six consecutive slices, found 3, 4, 5, 6, 7, 9"):
        check_sheets(sheet.replace({"slice": {8: 9}}))
    with pytest.raises(InputError, match="six consecutive slices, found 3, 4, 5, 6, 7;"):
        check_sheets(sheet[sheet["slice"] < 8])
    with pytest.raises(InputError, match="a row for each side of a slice, found one in slice 5"):
        check_sheets(sheet.drop(index=5))


def test_scores_come_from_sheets_or_declared_totals(sheet):
    sheet.loc[0, ["q1", "depth"]] = 1
    nothing = pd.DataFrame(columns=["scan", "reader", "sparcc", "source"])
    assert sparcc_scores(nothing, sheet)["sparcc"].tolist() == [2]
    scores = pd.DataFrame({"scan": ["a", "b"], "reader": "R1", "sparcc": [np.nan, 14.5], "source": ["sheet", "total"]})
    found = sparcc_scores(scores, sheet)
    assert found[["sparcc", "source"]].to_numpy().tolist() == [[2, "sheet"], [14.5, "total"]]
    with pytest.raises(InputError, match="the total is 3, but the sheet sums to 2"):
        sparcc_scores(scores.fillna({"sparcc": 3}), sheet)
    with pytest.raises(InputError, match=r"in steps of 1 or 0\.5, found 14\.2"):
        sparcc_scores(scores.replace({"sparcc": {14.5: 14.2}}), sheet)
    with pytest.raises(InputError, match=r"source is `sheet`, but .* has none"):
        sparcc_scores(scores, sheet.head(0))
    with pytest.raises(InputError, match="expected a row for every sheet"):
        sparcc_scores(scores[scores["scan"] == "b"], sheet)


# Disease activity


def test_published_formulas():
    assert basdai(6, 5, 4, 3, 7, 5) == pytest.approx(4.8)
    assert asdas_crp(6, 5, 7, 4, 10) == pytest.approx(3.4664, abs=5e-5)
    assert asdas_crp(0, 0, 0, 0, 0) == pytest.approx(0.6361, abs=5e-5)  # the floor of CRP
    assert asdas_crp(1, 1, 1, 1, 2) == asdas_crp(1, 1, 1, 1, 0.3)
    # By hand: 0.113 x 7 + 0.293 x 5 + 0.086 x 4 + 0.069 x 5 + 0.079 x 6
    assert asdas_esr(6, 5, 7, 4, 25) == pytest.approx(3.419)


def test_other_units_are_refused():
    with pytest.raises(InputError, match=r"BASDAI 2: expected 0 to 10, found 55; .* divide millimetres by 10"):
        basdai(6, 55, 4, 3, 7, 5)
    with pytest.raises(InputError, match="CRP: expected 0 to 600, found 10000"):
        asdas_crp(6, 5, 7, 4, 10_000)
    low = pd.DataFrame({"crp_mg_l": np.linspace(0.1, 1.5, 12)})
    with pytest.raises(InputError, match=r"looks like mg/dL; multiply by 10, or set clinical\.low_crp: accept"):
        check_units(low)
    check_units(low, low_crp="accept")
    check_units(low.head(9))  # too few to tell
    check_units(low * 10)


def test_a_missing_item_makes_its_index_missing_and_no_other():
    rows = [("A", "pre", 0, 6, 6, 4, 3, 7, 5, 7, 6, 10, np.nan), ("A", "post", 84, np.nan, 6, 4, 3, 7, 5, 7, 6, 10, 25)]
    found = disease_activity(clinical(rows))
    assert found["basdai"].isna().tolist() == [False, True]
    assert found["asdas_crp"].tolist() == pytest.approx([3.4664, 3.4664], abs=5e-5)
    assert found["asdas_esr"].isna().tolist() == [True, False]


# Cohort


def test_characteristics_state_what_is_missing():
    subjects = pd.DataFrame(
        {
            "subject": ["A", "B"],
            "age": [30.0, 50.0],
            "sex": ["female", None],
            "hla_b27": ["positive", "positive"],
            "disease_years": [1.0, np.nan],
            "biologic_class": ["anti-TNF", "anti-IL-17"],
        }
    )
    activity = disease_activity(clinical([("A", "pre", 0, 6, 5, 4, 3, 7, 5, 7, 6, 10, 20)]))
    table = characteristics(subjects, activity, ["A", "B", "C"]).set_index(["variable", "level", "session"])
    age = table.loc["age"].iloc[0]
    assert (age["n"], age["missing"], age["mean"], age["median"]) == (2, 1, 40, 40)
    assert age["sd"] == pytest.approx(np.sqrt(200))
    sex = table.loc[("sex", "female", "baseline")]
    assert (sex["n"], sex["missing"], sex["count"], sex["percent"]) == (1, 2, 1, 100)
    basdai_post = table.xs("post", level="session").loc["basdai"].iloc[0]
    assert (basdai_post["n"], basdai_post["missing"]) == (0, 3)
    assert characteristics(subjects.head(0), activity.head(0), ["A"]).empty


def test_flow_names_who_is_lost():
    scans = pd.DataFrame(
        {
            "scan": ["a1", "a2", "b1"],
            "subject": ["A", "A", "B"],
            "session": ["pre", "post", "pre"],
            "there": True,
            "read": [True, False, True],
            "scored": [True, True, False],
        }
    )
    found = flow(scans, ["there", "read", "scored"])
    assert found["scans"].tolist() == [3, 2, 1]
    assert found["subjects"].tolist() == [2, 2, 1]
    assert found["subjects_followed_up"].tolist() == [1, 0, 0]
    assert found["lost"].fillna("").tolist() == ["", "a2", "b1"]


def test_window_of_the_repeated_scan():
    days = {"A": 98, "B": 99, "C": 126, "D": np.nan, "E": 84}
    rows = [(name, "post", at, *[np.nan] * len(ITEMS)) for name, at in days.items()]
    classes = ["anti-TNF", "anti-TNF", "anti-IL-17", "anti-TNF", None]
    subjects = pd.DataFrame({"subject": list(days), "biologic_class": classes})
    weeks = {"anti-TNF": 12, "anti-IL-17": 16}
    found = repeat_window(clinical(rows), subjects, [*days, "F"], weeks, 2).set_index("subject")
    assert found["within"].tolist() == ["yes", "no", "yes", "unknown", "unknown", "unknown"]
    assert found.loc[["D", "E", "F"], "reason"].tolist() == [
        "no date",
        "no class of drug",
        "no date and no class of drug",
    ]


def test_a_table_of_a_study_is_read_as_its_schema_says(tmp_path):
    path = tmp_path / "clinical.tsv"
    path.write_text("# a comment\nsubject\tsession\tcrp_mg_l\n007\tpre\t10\n007\tpost\t\n")
    found = read_study_table(path, "clinical")
    assert found["subject"].tolist() == ["007", "007"]
    assert found["crp_mg_l"].dtype == float
    assert found["esr_mm_h"].isna().all()
    assert list(read_study_table(None, "clinical")) == list(found)
    path.write_text("subject\tsession\tspinal_vas_cm\n007\tpre\t65\n")
    with pytest.raises(InputError, match="row 2, column 'spinal_vas_cm': found '65'"):
        read_study_table(path, "clinical")
