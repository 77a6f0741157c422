"""The disease region that is used: with or without the patch of normal marrow."""

from collections.abc import Sequence

import numpy as np

from vhi.inflammation import disease_region_used
from vhi.io.images import Image, check_same_grid, read_mask


def without_marrow(
    region: np.ndarray, stir: Image, patches: Sequence[str], slice_axis: int | None = None
) -> np.ndarray:
    """Take the patch of normal marrow out of a disease region where there is one to take out.

    Parameters
    ----------
    region : (slices, rows, columns) array
        On the grid of the STIR.
    stir : Image
    patches : sequence of str
        The mask to leave out; empty for none.
    slice_axis : int, optional
        As in `images.read_mask`.

    Returns
    -------
    (slices, rows, columns) bool array
    """
    if not patches:
        return np.asarray(region) > 0
    marrow = read_mask(patches[0], slice_axis=slice_axis)
    check_same_grid(marrow, stir)
    return disease_region_used(region, marrow.volume, exclude_normal_marrow=True)
