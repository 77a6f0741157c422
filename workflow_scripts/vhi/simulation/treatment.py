"""What treatment does to lesions."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from vhi.simulation.disease import Lesion


def treat(lesions: Sequence[Lesion], effect: float, rng: np.random.Generator) -> tuple[Lesion, ...]:
    """Shrink and fade lesions; what is left under a twelfth of oedema fluid is gone.

    Parameters
    ----------
    lesions : sequence of Lesion
        Before treatment.
    effect : float
        Mean share of the inflammation that is left, in volume and again in intensity: under 1 is improvement.
    rng : numpy.random.Generator

    Returns
    -------
    tuple of Lesion
    """
    left = []
    for lesion in lesions:
        factor = effect * np.exp(rng.normal(0, 0.35))
        size = float(factor ** (1 / 3))
        faded = replace(
            lesion,
            height=lesion.height * size,
            thickness=lesion.thickness * size,
            depth=lesion.depth * size,
            peak=min(1.0, lesion.peak * float(factor) ** 0.7),
        )
        if faded.peak > 1 / 12:
            left.append(faded)
    return tuple(left)
