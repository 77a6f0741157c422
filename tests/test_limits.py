"""Step (ii): both limits, and how stable they are."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from vhi.io.errors import InputError
from vhi.marrow.limits import find_limits, limits_without_brightest, without_brightest

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
