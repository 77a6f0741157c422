"""Presentation order does not depend on how a file stores its axes."""

import numpy as np
import pytest
from hypothesis import given

from small_study import SHAPE, oblique_affine
from stored import ORDERS, stored_otherwise
from vhi.io.errors import InputError
from vhi.io.orientation import corner_distance, present, presentation_order, presented_affine, restore


def test_of_the_public_storage_it_is_the_authors_rot90():
    stored = np.arange(np.prod(SHAPE)).reshape(SHAPE)
    shown = present(stored, presentation_order(oblique_affine()))
    for k in range(SHAPE[2]):
        np.testing.assert_array_equal(shown[k], np.rot90(stored[:, :, k]))


@given(ORDERS)
def test_any_storage_order_gives_the_same_volume(storage):
    stored = np.arange(np.prod(SHAPE)).reshape(SHAPE)
    affine = oblique_affine()
    expected = present(stored, presentation_order(affine))
    other, other_affine = stored_otherwise(stored, affine, *storage)
    order = presentation_order(other_affine)
    np.testing.assert_array_equal(present(other, order), expected)
    np.testing.assert_array_equal(restore(present(other, order), order), other)
    here = presented_affine(affine, SHAPE, presentation_order(affine))
    there = presented_affine(other_affine, other.shape, order)
    assert corner_distance(here, there, expected.shape) < 1e-9


def test_isotropic_spacing_needs_the_slice_axis():
    with pytest.raises(InputError, match="slice_axis"):
        presentation_order(oblique_affine((1, 1, 1)))
    assert presentation_order(oblique_affine((1, 1, 1)), slice_axis=2) == presentation_order(oblique_affine())


def test_axial_slices_are_presented_with_anterior_at_the_top():
    affine = np.diag([-1.0, 1, 4, 1])
    order = presentation_order(affine)
    assert order.axes == (2, 1, 0)
    assert order.flips == (False, True, False)


def test_slices_that_run_sideways_of_all_directions_are_refused():
    affine = np.eye(4)
    affine[:3, :3] = np.column_stack([[-1, 0, 0], [0, 1, -1], [0, 3, 3]])
    with pytest.raises(InputError, match="neither way"):
        presentation_order(affine)
