"""The model card: the cross-validated figure first, with an interval; test scans named for what they are."""

import pandas as pd
import pytest

from vhi.region.folds import compare_settings
from vhi.region.model_card import model_card
from vhi.region.protocols import setting_config

FACTS = {
    "title": "t", "simulated": False, "protocol": "thorough", "setting": "thorough", "steps": 10_000, "members": 3, "mirrored": True,
    "scales": [1], "smoothing": 0, "smallest_part": 0.02, "subjects": 10, "scans": 10, "slices": 248, "files": {},
}  # fmt: skip
TEST = pd.DataFrame({"scan": ["1003", "2014"], "dice": [0.946, 0.948], "dice_averaged": [0.95, 0.951]})
JUDGED = pd.DataFrame(
    [("all", 36, 0.08, 33, 31, 3, 3)],
    columns=["version", "n", "mean_absolute_error", "failures", "failures_flagged", "good", "good_flagged"],
)


def card(folds=(0.929, 0.877, 0.945, 0.927), **facts):
    scores = pd.DataFrame({"setting": "thorough", "steps": 10_000, "fold": range(1, len(folds) + 1), "dice": folds})
    return model_card(FACTS | facts, compare_settings(scores.assign(dice_averaged=scores["dice"])), TEST, JUDGED)


def test_cross_validation_comes_first_with_an_interval_over_folds():
    text = card()
    assert (
        "mean slice Dice 0.919 (95 % CI 0.873 to 0.966, from the means of 4 folds" in text
        or "0.920 (95 % CI 0.873" in text
    )
    assert text.index("Cross-validation") < text.index("Test scans")
    assert "no interval from fewer than three folds" in card(folds=(0.9, 0.8))


@pytest.mark.parametrize(("protocol", "lengthened"), [("thorough", True), ("fast", False)])
def test_test_scans_are_named_for_what_they_are(protocol, lengthened):
    text = card(protocol=protocol)
    assert "what was chosen after a look has no test estimate" in text
    assert ("length of `thorough` was itself chosen after looks" in text) is lengthened
    assert (
        setting_config(protocol, ["full"], 0, 1).steps == {"thorough": 10_000, "fast": 2_700}[protocol]
    )  # as told in the docs
