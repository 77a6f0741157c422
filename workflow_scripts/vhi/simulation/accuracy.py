"""V_HI against the truth, which only a simulated study has: where the voxels too many and too few come from."""

import numpy as np
import pandas as pd

from vhi.simulation.disease import Reason


def account(
    preliminary: np.ndarray,
    cleaned: np.ndarray,
    disease_region: np.ndarray,
    inflammation: np.ndarray,
    reason: np.ndarray,
) -> pd.DataFrame:
    """Account for the difference between V_HI and the true volume, voxel by voxel.

    The rows add up: true volume + sum of `voxels` = V_HI.

    Parameters
    ----------
    preliminary, cleaned : numpy.ndarray
        Shape (i, j, k), bool: after steps (v) and (vi); cleaned lies within preliminary.
    disease_region : numpy.ndarray
        Same shape, bool: the one that was used, by hand or by network.
    inflammation, reason : numpy.ndarray
        Same shape: truth (see `vhi.simulation.scan.Truth`).

    Returns
    -------
    pandas.DataFrame
        Columns `source`, `step` (iii, iv with v, or vi of section 2.5.1) and `voxels` (signed). Sources:
        `outside_region`, `below_limit`, `removed`, and `kept_<reason>` for what is kept without being inflamed
        (`kept_lesion`: a lesion's faint rim).
    """
    lost = inflammation & ~preliminary
    rows = [
        ("outside_region", "iii", -int((lost & ~disease_region).sum())),
        ("below_limit", "iv", -int((lost & disease_region).sum())),
        ("removed", "vi", -int((inflammation & preliminary & ~cleaned).sum())),
    ]
    extra = np.bincount(reason[cleaned & ~inflammation], minlength=len(Reason))
    rows += [(f"kept_{why.name.lower()}", "iv" if why is Reason.LESION else "vi", int(extra[why])) for why in Reason]
    return pd.DataFrame(rows, columns=["source", "step", "voxels"])
