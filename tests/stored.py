"""Scans whose files store their axes in another order."""

import itertools

import numpy as np
from hypothesis import strategies as st


def stored_otherwise(array, affine, axes, flips):
    """The same scan with its axes permuted and flipped, affine to match."""
    turned = np.flip(np.transpose(array, axes), [axis for axis in range(3) if flips[axis]])
    matrix = np.zeros((4, 4))
    matrix[3, 3] = 1
    for new, old in enumerate(axes):
        matrix[old, new] = -1 if flips[new] else 1
        matrix[old, 3] = array.shape[old] - 1 if flips[new] else 0
    return turned, affine @ matrix


ORDERS = st.tuples(st.sampled_from(list(itertools.permutations(range(3)))), st.tuples(*[st.booleans()] * 3))
