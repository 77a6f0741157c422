"""Sample size from a pilot: components, closed forms against others, and plans against simulation."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.power import TTestIndPower, TTestPower

from vhi.statistics.sample_size import Pilot, grant_sentence, pilot_array, pilot_components, planned, subjects_needed
from vhi.statistics.sample_size_simulation import drawn, sample_size_table, simulated

PILOT = Pilot(subjects=2.0, visits=0.5, readers=0.1, rest=0.3, change=-0.6)
SETTINGS = {"limits_width": 1, "srm": 0.3, "detectable_ratio": 4, "difference_percent": 50, "power": 0.8, "alpha": 0.05}


def values_of(y):
    """Table of values from log(V_HI + 1), subjects x visits x readers."""
    return pd.DataFrame(
        [
            {"scan": f"{s}{t}", "subject": s, "session": ("pre", "post")[t], "reader": f"R{r}", "vhi_voxels": np.expm1(y[s, t, r])}
            for s, t, r in np.ndindex(y.shape)
        ]
    )  # fmt: skip


def test_components_are_those_that_were_drawn():
    y = drawn(np.random.default_rng(1), PILOT, 1, 4000, 6, PILOT.change)[0]
    found = pilot_components(y)
    assert (found.subjects, found.visits, found.rest) == pytest.approx((2.0, 0.5, 0.3), rel=0.07)
    assert found.change == pytest.approx(-0.6, abs=0.05)


def test_powers_are_those_of_statsmodels():
    n = np.array([3, 20, 63, 200])
    sd = PILOT.change_sd(2)
    expected = TTestIndPower().power(np.log(2) / sd, n, 0.05)
    assert planned("difference_percent", PILOT, 2, n, 50, 0.05) == pytest.approx(expected, abs=1e-6)
    expected = TTestPower().power(0.6 / sd, n, 0.05)
    assert planned("srm_power", PILOT, 2, n, 0.8, 0.05) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("question", ["srm_power", "difference_percent"])
@pytest.mark.parametrize("readers", [1, 2, 4])
@pytest.mark.parametrize("n", [12, 40])
def test_planned_and_simulated_power_agree_within_2_points(question, readers, n):
    plan = planned(question, PILOT, readers, n, 50, 0.05)
    power, (low, high) = simulated(question, PILOT, readers, n, 50, 0.05, 10000, 17)
    assert abs(power - plan) < 0.02
    assert low < power < high


@pytest.mark.parametrize(("question", "within"), [("limits_width", 0.01), ("detectable_ratio", 0.05), ("srm", 0.03)])
def test_planned_and_simulated_widths_agree(question, within):
    plan = planned(question, PILOT, 3, 30, 1, 0.05)
    assert simulated(question, PILOT, 3, 30, 1, 0.05, 4000, 17)[0] == pytest.approx(plan, rel=within)


def test_the_smallest_number_of_subjects_is_found():
    n, reason = subjects_needed("difference_percent", PILOT, 2, SETTINGS)
    below, at = planned("difference_percent", PILOT, 2, [n - 1, n], 50, 0.05)
    assert below < 0.8 <= at
    assert not reason


def test_table_and_sentence_of_a_pilot():
    y = np.abs(3 + drawn(np.random.default_rng(2), PILOT, 1, 20, 2, -0.6)[0])
    table = sample_size_table(values_of(y), "voxels", SETTINGS, 1, 200)
    assert len(table) == 20
    assert (table["subjects"].notna() == (table["reason"] == "")).all()
    row = table[table["question"] == "difference_percent"].iloc[0]
    assert f"{row['subjects']:.0f} subjects per arm" in grant_sentence(table)


@pytest.mark.parametrize(
    ("shape", "told"), [((20, 2, 1), "2 readers"), ((20, 1, 2), "2 visits"), ((7, 2, 2), "7 subjects")]
)
def test_a_pilot_that_is_too_small_gets_empty_cells_and_the_reason(shape, told):
    values = values_of(np.random.default_rng(3).uniform(0, 5, shape))
    assert pilot_array(values, "voxels")[0] is None
    table = sample_size_table(values, "voxels", SETTINGS, 1)
    assert table["subjects"].isna().all()
    assert table["reason"].str.contains(told).all()
    assert told in grant_sentence(table)
