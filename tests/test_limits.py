"""Step (ii): both limits, and how stable they are."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from vhi.io.errors import InputError
from vhi.marrow.limits import LimitRule, find_limits, limits_without_brightest, without_brightest
from vhi.marrow.mode import inner_region, mode_and_spread

MARROW = arrays(np.int64, st.integers(5, 60), elements=st.integers(0, 500)).filter(
    lambda values: np.subtract(*np.quantile(values, [0.75, 0.25])) > 0
)


def test_known_answer():
    found = find_limits(np.arange(101.0))  # quartiles 25 and 75, IQR 50, maximum 100: n must shrink from 1.5
    assert (found.q1, found.q3, found.iqr, found.upper, found.voxels) == (25, 75, 50, 100, 101)
    # 100 - (75 + 50 n) > 0 to three decimals: n = 0.5 would give 0, so 0.45
    assert found.n == pytest.approx(0.45)
    assert found.lower == pytest.approx(97.5)


def test_n_grows_until_the_limits_are_close():
    found = find_limits(np.array([1.0, 2, 3, 4, 5, 6, 7, 8, 20]))  # Q_U 7, IQR 4, maximum 20
    assert found.n == pytest.approx(2.8)  # 20 - (7 + 4 n) < 2
    assert found.lower == pytest.approx(18.2)


@given(MARROW)
def test_the_rule_of_the_paper_holds_wherever_n_had_to_grow(values):
    found = find_limits(values)
    assert found.lower < found.upper
    if found.n >= 1.5:
        assert found.upper - found.lower < found.iqr / 2 + 1e-9


@given(MARROW, st.sampled_from([0.5, 2.0, 4.0]))
def test_limits_scale_with_the_intensities(values, scale):
    # Three decimals in the rule are the only part with a unit; it matters only where n shrinks.
    found = find_limits(values)
    if found.n >= 1.5:
        scaled = find_limits(values * scale)
        assert scaled.lower == pytest.approx(scale * found.lower)


def test_empty_and_constant_regions_are_refused():
    with pytest.raises(InputError, match="empty"):
        find_limits(np.array([]))
    with pytest.raises(InputError, match="interquartile range of 0"):
        find_limits(np.full(50, 7.0))
    with pytest.raises(InputError, match="interquartile range of 0"):
        find_limits(np.array([5.0] * 50 + [9.0]))


def test_a_patch_that_would_never_end_the_loops_is_refused():
    with pytest.raises(InputError, match="implausible for normal marrow"):
        find_limits(np.r_[100 + 1e-9 * np.arange(90), np.full(10, 180.0)])
    with pytest.raises(InputError, match="too small for the rule"):
        find_limits(np.arange(101.0) * 1e-6)


def test_maximum_equal_to_the_upper_quartile_still_ends():
    found = find_limits(np.array([1.0, 2, 3, 9, 9, 9, 9]))
    assert found.lower < found.upper == 9


def test_without_brightest_leaves_one_of_equals():
    np.testing.assert_array_equal(without_brightest(np.array([3, 9, 9, 1])), [3, 9, 1])


def test_a_patch_that_stands_on_one_voxel():
    found = limits_without_brightest(np.array([1.0, 2, 3, 4, 5, 6, 7, 8, 20]))
    assert found.upper == 8
    assert limits_without_brightest(np.array([1.0, 1, 1, 1, 5, 9])) is None


# The rules beside the paper's


TAIL, MODE = LimitRule(rule="patch_tail"), LimitRule(rule="disease_region")


def test_the_tails_limit_does_not_drift_with_the_size_of_the_patch():
    rng = np.random.default_rng(1)
    means = {
        size: np.mean([find_limits(rng.gamma(40, 10, size), TAIL).lower for _ in range(40_000 // size + 20)])
        for size in (100, 1000, 8000)
    }
    assert max(means.values()) / min(means.values()) < 1.01
    papers = [np.mean([find_limits(rng.gamma(40, 10, size)).lower for _ in range(40)]) for size in (100, 8000)]
    assert papers[1] / papers[0] > 1.05  # whose limit is a maximum


@pytest.mark.parametrize("rule", [TAIL, MODE])
def test_one_voxel_does_not_decide(rule):
    values = np.random.default_rng(2).normal(400, 60, 3000)
    rest = limits_without_brightest(np.append(values, 4000), rule)
    found = find_limits(np.append(values, 4000), rule)
    assert found.lower == pytest.approx(rest.lower, rel=0.03)
    assert found.lower < found.upper


@settings(max_examples=40, deadline=None)
@given(st.floats(0.01, 1000), st.sampled_from([TAIL, MODE]))
def test_every_rule_follows_the_scale_of_the_scan(scale, rule):
    values = np.random.default_rng(3).gamma(30, 15, 1500)
    one, other = find_limits(values, rule), find_limits(scale * values, rule)
    assert other.lower == pytest.approx(scale * one.lower, rel=1e-6)
    assert other.upper == pytest.approx(scale * one.upper, rel=1e-6)
    assert other.n == pytest.approx(one.n)


def region(normal=60_000, oedema=0, dark=0, seed=4):
    rng = np.random.default_rng(seed)
    return np.concatenate([rng.normal(400, 60, normal), rng.uniform(500, 1500, oedema), rng.normal(90, 30, dark)])


def test_mode_and_spread_are_those_of_normal_marrow_whatever_else_the_region_holds():
    mode, spread = mode_and_spread(region())
    assert mode == pytest.approx(400, rel=0.03)
    assert spread == pytest.approx(60, rel=0.08)
    for other in (region(oedema=40_000), region(dark=40_000), region(oedema=30_000, dark=30_000)):
        assert mode_and_spread(other)[0] == pytest.approx(mode, rel=0.03)
        assert mode_and_spread(other)[1] == pytest.approx(spread, rel=0.08)
    bright_coil = region() * np.linspace(0.9, 1.1, 60_000)
    assert mode_and_spread(bright_coil)[0] == pytest.approx(mode, rel=0.05)


def test_whole_numbers_are_as_good_as_any():
    values = region()
    assert mode_and_spread(np.rint(values)) == pytest.approx(mode_and_spread(values), rel=0.01)


def test_the_inner_region_leaves_the_border_out_where_enough_is_left():
    mask = np.zeros((2, 40, 40), bool)
    mask[:, 5:35, 5:35] = True
    assert inner_region(mask).sum() == 2 * 26 * 26
    thin = np.zeros((2, 40, 40), bool)
    thin[:, 5:8] = True
    assert (inner_region(thin) == thin).all()


def test_a_region_that_tells_nothing_is_refused():
    with pytest.raises(InputError, match="199 voxels"):
        mode_and_spread(np.arange(199.0))
    with pytest.raises(InputError, match="interquartile range of 0"):
        mode_and_spread(np.full(5000, 7.0))
