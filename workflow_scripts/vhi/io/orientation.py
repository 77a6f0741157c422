"""Presentation order: the one order of axes in which everything is computed.

Scans of one study are stored in different axis orders, and the authors' network wants one presentation: superior at the
top, columns running to the patient's left. A volume in presentation order has the axes (slices, rows, columns):

- slices run so that superior minus anterior grows (through an oblique coronal stack, from front to back);
- rows run so that anterior plus superior falls (superior at the top);
- columns run to the patient's left.

On the study's files this is the authors' ``np.rot90`` of each stored slice. Nothing depends on how a file stores its
axes, because arrays are put in this order when read and back when written.
"""

from dataclasses import dataclass

import numpy as np

from vhi.io.errors import InputError

# The direction in which each presentation axis grows, in NIfTI world coordinates (x to the right, y anterior, z up).
DIRECTIONS = {"slices": (0, -1, 1), "rows": (0, -1, -1), "columns": (-1, 0, 0)}


def slice_name(place: int) -> str:
    """Name a slice for people, who count from 1 as the reading room does; arrays count from 0.

    Examples
    --------
    >>> slice_name(0)
    'slice 1'
    """
    return f"slice {int(place) + 1}"


@dataclass(frozen=True)
class Order:
    """How stored axes become presentation axes.

    Attributes
    ----------
    axes : tuple of int
        The stored axis that becomes slices, rows and columns.
    flips : tuple of bool
        Whether that axis is reversed.
    """

    axes: tuple[int, int, int]
    flips: tuple[bool, bool, bool]


def presentation_order(affine: np.ndarray, slice_axis: int | None = None) -> Order:
    """Find the presentation order of a stored grid.

    Parameters
    ----------
    affine : (4, 4) array
        Voxel indices to world coordinates in mm (NIfTI: x right, y anterior, z superior).
    slice_axis : int, optional
        The stored axis that counts slices; by default the one of largest spacing.

    Returns
    -------
    Order

    Raises
    ------
    InputError
        If the spacing does not tell the slice axis, or an axis has no direction in the presentation.
    """
    columns = np.asarray(affine, float)[:3, :3]
    spacing = np.linalg.norm(columns, axis=0)
    if slice_axis is None:
        *_, second, largest = np.sort(spacing)
        if largest < 1.05 * second:
            raise InputError(
                f"the slice axis cannot be told from the spacing {_mm(spacing)}: expected one spacing larger than the "
                "others; set orientation.slice_axis to 0, 1 or 2 in the study's config"
            )
        slice_axis = int(np.argmax(spacing))
    in_plane = [axis for axis in range(3) if axis != slice_axis]
    column_axis = max(in_plane, key=lambda axis: abs(columns[0, axis]) / spacing[axis])
    row_axis = next(axis for axis in in_plane if axis != column_axis)
    axes = (slice_axis, row_axis, column_axis)
    along = [float(columns[:, axis] @ DIRECTIONS[name]) for axis, name in zip(axes, DIRECTIONS, strict=True)]
    for axis, name, value in zip(axes, DIRECTIONS, along, strict=True):
        if abs(value) < 1e-3 * spacing[axis]:
            raise InputError(
                f"stored axis {axis} would count {name}, but its direction {np.round(columns[:, axis], 3).tolist()} "
                "is neither way along them: expected (oblique) coronal or axial slices"
            )
    return Order(axes, tuple(value < 0 for value in along))


def present(stored: np.ndarray, order: Order) -> np.ndarray:
    """Put a stored array in presentation order: (slices, rows, columns), a view."""
    turned = np.transpose(stored, order.axes)
    return turned[tuple(slice(None, None, -1) if flip else slice(None) for flip in order.flips)]


def restore(presented: np.ndarray, order: Order) -> np.ndarray:
    """Put an array in presentation order back in its stored order, a view."""
    unflipped = presented[tuple(slice(None, None, -1) if flip else slice(None) for flip in order.flips)]
    return np.transpose(unflipped, np.argsort(order.axes))


def presented_affine(affine: np.ndarray, shape: tuple[int, ...], order: Order) -> np.ndarray:
    """Give the affine of the presented array: indices (slice, row, column) to the same world coordinates.

    Parameters
    ----------
    affine : (4, 4) array
        Of the stored array.
    shape : tuple of int
        Of the stored array.
    order : Order

    Returns
    -------
    (4, 4) array
    """
    to_stored = np.zeros((4, 4))
    to_stored[3, 3] = 1
    for presented_axis, (axis, flip) in enumerate(zip(order.axes, order.flips, strict=True)):
        to_stored[axis, presented_axis] = -1 if flip else 1
        to_stored[axis, 3] = shape[axis] - 1 if flip else 0
    return np.asarray(affine, float) @ to_stored


def corners(affine: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Give the world coordinates, in mm, of the eight corner voxels of a grid: (8, 3)."""
    index = np.array(np.meshgrid(*[(0, size - 1) for size in shape], indexing="ij")).reshape(3, -1)
    return (np.asarray(affine, float)[:3, :3] @ index + np.asarray(affine, float)[:3, 3:]).T


def corner_distance(affine_a: np.ndarray, affine_b: np.ndarray, shape: tuple[int, ...]) -> float:
    """Give the largest distance, in mm, between the corner voxels of two grids of one shape."""
    return float(np.linalg.norm(corners(affine_a, shape) - corners(affine_b, shape), axis=1).max())


def _mm(spacing: np.ndarray) -> str:
    return " x ".join(f"{value:.4g}" for value in spacing) + " mm"
