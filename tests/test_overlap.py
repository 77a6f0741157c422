"""Section 2.7.1: overlap and composite."""

import numpy as np
import pytest

from vhi.statistics.agreement import limits_of_agreement
from vhi.statistics.overlap import compare, composite, dice, dice_per_slice, volume_similarity


def test_dice_known_answers():
    a, b = np.zeros((1, 2, 4), bool), np.zeros((1, 2, 4), bool)
    a[0, 0], b[0, 0, 2:] = True, True
    b[0, 1, :2] = True
    assert dice(a, b) == pytest.approx(2 * 2 / (4 + 4))
    assert dice(a, a) == 1
    assert dice(a, ~a) == 0
    assert np.isnan(dice(a & False, b & False))
    assert dice(a, b & False) == 0


def test_dice_per_slice_leaves_empty_slices_undefined():
    a = np.zeros((2, 2, 2), bool)
    a[0] = True
    np.testing.assert_array_equal(dice_per_slice(a, a), [1, np.nan])


def test_volume_similarity():
    assert volume_similarity(896, 168) == pytest.approx(0.3157894736842105)  # scan 1003 as published
    assert volume_similarity(5, 5) == 1
    assert np.isnan(volume_similarity(0, 0))


def test_composite_is_a_majority_of_three():
    masks = [
        np.array([[[1, 1, 1, 0]]]),
        np.array([[[1, 1, 0, 0]]]),
        np.array([[[1, 1, 0, 0]]]),
        np.array([[[1, 0, 0, 1]]]),
    ]
    np.testing.assert_array_equal(composite(masks), [[[True, True, False, False]]])


def test_a_count_within_the_preliminary_gives_its_dice():
    reading = {"mask": None, "voxels": 30, "method": "semiautomatic"}
    machine = {"mask": np.ones((1, 6, 10), bool), "voxels": 60, "method": "preliminary"}
    found = compare(reading, machine)
    assert found["dice"] == pytest.approx(60 / 90)
    assert "published count" in found["source"]


def test_a_count_that_cannot_lie_within_has_no_dice():
    reading = {"mask": None, "voxels": 61, "method": "semiautomatic"}
    found = compare(reading, {"mask": np.ones((1, 6, 10), bool), "voxels": 60, "method": "preliminary"})
    assert found["dice"] is None
    assert "larger" in found["source"]


def test_limits_of_agreement_of_bland_and_altman_1986():
    # Peak flow by Wright and mini Wright meter, first measurements: Lancet 1986; i: 307-310, Table 1 and Results.
    wright = np.array([494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423, 427])
    mini = np.array([512, 430, 520, 428, 500, 600, 364, 380, 658, 445, 432, 626, 260, 477, 259, 350, 451])
    found = limits_of_agreement(wright, mini)
    assert (found.n, round(found.bias, 1), round(found.sd, 1)) == (17, -2.1, 38.8)
    # The paper takes 2 SD: -79.7 to 75.5; with 1.96:
    assert (found.lower, found.upper) == pytest.approx((-2.1176 - 1.96 * 38.7651, -2.1176 + 1.96 * 38.7651), abs=1e-3)
    assert found.bias_ci == pytest.approx((-22.0, 17.8), abs=0.06)


def test_limits_of_agreement_without_enough_pairs():
    assert limits_of_agreement([], []).n == 0
    assert np.isnan(limits_of_agreement([1], [2]).sd)
    assert limits_of_agreement([1, np.nan, 3], [1, 5, 3]).n == 2
