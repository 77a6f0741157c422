"""Folds: four of six and two, by subject, seeded, disjoint."""

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vhi.io.errors import InputError
from vhi.region.folds import left_out_table, make_folds

SUBJECTS = ["1007", "1012", "1013", "1016", "1234", "2015", "3002", "4386"]


def test_the_paper_has_four_folds_of_six_and_two():
    table = make_folds(SUBJECTS)
    assert table.groupby(["fold", "part"]).size().to_dict() == {
        (fold, part): n for fold in (1, 2, 3, 4) for part, n in (("train", 6), ("validation", 2))
    }
    validated = table[table["part"] == "validation"]
    assert sorted(validated["subject"]) == SUBJECTS


def test_the_seed_decides_and_the_order_does_not():
    assert make_folds(SUBJECTS, seed=1).equals(make_folds(SUBJECTS[::-1], seed=1))
    assert not make_folds(SUBJECTS, seed=1).equals(make_folds(SUBJECTS, seed=2))


@given(st.sets(st.text("0123456789", min_size=1), min_size=2, max_size=12), st.data())
def test_parts_are_disjoint_and_even(subjects, data):
    folds = data.draw(st.integers(2, len(subjects)))
    table = make_folds(sorted(subjects), folds, seed=data.draw(st.integers(0, 9)))
    sizes, validated = [], set()
    for _, rows in table.groupby("fold"):
        parts = {part: set(group["subject"]) for part, group in rows.groupby("part")}
        assert not parts["train"] & parts["validation"]
        assert parts["train"] | parts["validation"] == subjects
        assert not rows["subject"].duplicated().any()
        sizes.append(len(parts["validation"]))
        validated |= parts["validation"]
    assert validated == subjects
    assert sum(sizes) == len(subjects)
    assert max(sizes) - min(sizes) <= 1


@pytest.mark.parametrize(("subjects", "folds"), [(["1", "1", "2"], 2), (["1", "2"], 3), (["1", "2"], 1)])
def test_impossible_folds_are_refused(subjects, folds):
    with pytest.raises(InputError, match="folds: expected"):
        make_folds(subjects, folds)


def test_subjects_left_out_are_a_row_each_and_one_of_all_slices():
    scores = pd.DataFrame({
        "setting": "fast", "subject": ["1", "1", "2"], "role": ["train", "train", "test"], "steps": [900, 900, 900],
        "dice": [0.8, 0.9, 0.4], "dice_averaged": [0.9, 0.9, 0.6],
    })  # fmt: skip
    table = left_out_table(scores, full_steps=2700).set_index("subject")
    assert table.loc["1", "mean_dice"] == pytest.approx(0.85)
    assert table.loc["all", "mean_dice"] == pytest.approx(0.7)  # over slices
    assert table.loc["all", "lowest_slice"] == 0.4
    assert set(table["note"]) == {"shorter recipe: 900 of 2,700 steps"}
    assert set(left_out_table(scores, full_steps=900)["note"]) == {""}


def test_the_folds_that_the_documents_name_are_those_of_the_default_seed():
    text = (Path(__file__).parents[1] / "docs" / "training.md").read_text()
    subjects = ["1007", "1012", "1013", "1016", "1234", "2015", "3002", "4386"]
    folds = make_folds(subjects, 4, 2023)
    for fold, rows in folds[folds["part"] == "validation"].groupby("fold"):
        assert f"\n| {fold} | {', '.join(rows['subject'])} |" in text
