"""V_HI against the truth, which only a simulated study has: where the voxels too many and too few come from."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from vhi.simulation.disease import Reason
from vhi.simulation.explain import TRUE_OEDEMA

CUTS = [percent / 100 for percent in range(5, 26)]
"""Shares of oedema fluid from which on marrow may be called inflamed; `TRUE_OEDEMA` is one of them."""


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
        Same shape: truth (see `vhi.simulation.subject.Truth`).

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


def voxels_by_cut(oedema: np.ndarray) -> dict[str, int]:
    """Count the voxels with at least each share of `CUTS` of oedema fluid.

    Parameters
    ----------
    oedema : numpy.ndarray
        Any shape: share of oedema fluid, 0 to 1.

    Returns
    -------
    dict of str to int
        True voxels by the cut, printed with two decimals.
    """
    return {f"{cut:.2f}": int(np.count_nonzero(oedema >= cut)) for cut in CUTS}


def error_by_cut(accuracy: pd.DataFrame, true_voxels: Mapping[str, Mapping[str, int]]) -> pd.DataFrame:
    """Give V_HI minus the truth for every cut that may define the truth; readings stay as they are.

    Parameters
    ----------
    accuracy : pandas.DataFrame
        One row per reading: ``scan vhi_voxels``.
    true_voxels : mapping of str to mapping of str to int
        By scan, as `voxels_by_cut` gives them.

    Returns
    -------
    pandas.DataFrame
        ``cut in_use readings mean_true_voxels mean_error_voxels median_error_voxels``, one row per cut.
    """
    by_cut = pd.DataFrame([true_voxels[scan] for scan in accuracy["scan"]], columns=[f"{cut:.2f}" for cut in CUTS])
    errors = by_cut.rsub(accuracy["vhi_voxels"].to_numpy(), axis=0)
    found = {
        "cut": CUTS,
        "in_use": ["yes" if cut == TRUE_OEDEMA else "no" for cut in CUTS],
        "readings": len(accuracy),
        "mean_true_voxels": by_cut.mean().to_numpy(),
        "mean_error_voxels": errors.mean().to_numpy(),
        "median_error_voxels": errors.median().to_numpy(),
    }
    return pd.DataFrame(found)
