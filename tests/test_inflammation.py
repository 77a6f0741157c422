"""Steps (iv) and (v): thresholds and small regions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from vhi.inflammation import count_at, disease_region_used, drop_small_regions, label_regions, survival, threshold
from vhi.io.errors import InputError
from vhi.marrow.limits import LimitRule
from vhi.marrow.stability import preliminary_counts

VOLUMES = arrays(np.int64, (3, 9, 8), elements=st.integers(0, 12))
REGIONS = arrays(bool, (3, 9, 8))


def test_limits_are_inclusive_from_below():
    stir = np.array([[[9.9, 10, 11, 20, 30]]])
    np.testing.assert_array_equal(threshold(stir, np.ones(stir.shape, bool), 10, 20), [[[0, 1, 1, 2, 2]]])


def test_nothing_outside_the_disease_region():
    stir = np.full((1, 2, 2), 50.0)
    region = np.array([[[True, False], [False, False]]])
    assert threshold(stir, region, 10, 20).sum() == 2


def test_diagonal_neighbours_make_a_region_of_four():
    labels = np.zeros((1, 5, 5), np.uint8)
    labels[0, [0, 1, 2, 3], [0, 1, 2, 3]] = 1
    assert drop_small_regions(labels).sum() == 4
    assert drop_small_regions(labels, connectivity=4).sum() == 0
    labels[0, 3, 3] = 0
    assert drop_small_regions(labels).sum() == 0


def test_slices_are_not_joined():
    labels = np.zeros((4, 3, 3), np.uint8)
    labels[:, 1, 1] = 1
    assert drop_small_regions(labels).sum() == 0
    assert label_regions(labels)[1] == 4


def test_size_counts_both_labels():
    labels = np.zeros((1, 2, 4), np.uint8)
    labels[0, 0] = [1, 2, 2, 1]
    np.testing.assert_array_equal(drop_small_regions(labels), labels)


@given(VOLUMES, REGIONS, st.integers(0, 12), st.integers(0, 12))
def test_a_lower_limit_never_loses_a_voxel(stir, region, one, other):
    low, high = sorted((one, other))
    more = drop_small_regions(threshold(stir, region, low, 99)) > 0
    fewer = drop_small_regions(threshold(stir, region, high, 99)) > 0
    assert not (fewer & ~more).any()


@given(VOLUMES, REGIONS, st.integers(0, 12))
def test_dropping_twice_is_dropping_once_and_invents_nothing(stir, region, limit):
    labels = threshold(stir, region, limit, limit + 3)
    once = drop_small_regions(labels)
    np.testing.assert_array_equal(drop_small_regions(once), once)
    assert ((once == labels) | (once == 0)).all()


@given(VOLUMES, REGIONS, st.integers(1, 6), st.sampled_from([4, 8]))
def test_one_sweep_counts_what_labelling_counts_at_every_limit(stir, region, minimum, connectivity):
    survived = survival(stir, region, 0, minimum, connectivity)
    limits = np.arange(13)
    labelled = [
        np.count_nonzero(drop_small_regions(threshold(stir, region, limit, 99), minimum, connectivity))
        for limit in limits
    ]
    np.testing.assert_array_equal(count_at(survived, limits), labelled)


def test_normal_marrow_is_taken_out_only_if_asked():
    region, marrow = np.array([[[1, 1, 0]]]), np.array([[[0, 1, 1]]])
    assert disease_region_used(region, marrow, False).sum() == 2
    np.testing.assert_array_equal(disease_region_used(region, marrow, True), [[[True, False, False]]])


def test_preliminary_counts_as_drawn_and_without_the_brightest_voxel():
    rng = np.random.default_rng(3)
    stir = rng.integers(0, 200, (2, 30, 30)).astype(float)
    region = np.ones(stir.shape, bool)
    marrow = np.append(rng.integers(50, 100, 200), 160).astype(float)
    rule = LimitRule()
    table = preliminary_counts(stir, region, marrow, rule, 4, 8)
    from vhi.marrow.limits import find_limits, without_brightest

    for row, values in ((0, marrow), (1, without_brightest(marrow))):
        lower = find_limits(values, rule).lower
        assert table["preliminary_voxels"][row] == np.count_nonzero(
            drop_small_regions(threshold(stir, region, lower, 999))
        )
    assert table["change_percent"][0] == 0
    assert list(table["patch"]) == ["as drawn", "without the brightest voxel"]


def test_no_marrow_is_an_error_not_a_crash():
    with pytest.raises(InputError, match="empty"):
        preliminary_counts(np.ones((1, 3, 3)), np.ones((1, 3, 3), bool), np.array([]), LimitRule(), 4, 8)
