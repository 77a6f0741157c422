"""Agreement within readers: V_HI of scans that a reader cleaned twice."""

from collections.abc import Sequence

import pandas as pd

from vhi.statistics.interobserver import limits_table, pairs_table, reliability_table
from vhi.statistics.values import VALUES


def within_tables(
    measurements: pd.DataFrame, readers: Sequence[str], unit: str, quantile: float, sessions: Sequence[str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Compare both trials of each reader as 7.2 compares two readers.

    Parameters
    ----------
    measurements : DataFrame
        Of `6_cleaning`.
    readers : sequence of str
        In the order of the study.
    unit : {"voxels", "mm3"}
    quantile : float
        As in `interobserver.pairs_table`.
    sessions : sequence of str
        Visits in their order.

    Returns
    -------
    limits, reliability : DataFrame
        As limits.tsv and reliability.tsv; R1.2 in ``a`` or ``b`` is the second trial of R1, and ``reader`` says whose they are.
    """
    cleaned = measurements[(measurements["method"] == "semiautomatic") & (measurements["repeat"] == 1)]
    cleaned = cleaned.dropna(subset="vhi_voxels").assign(sparcc=float("nan"), trial=cleaned["trial"].astype(str))
    limits, reliability = [], []
    for reader in readers:
        own = cleaned[(cleaned["reader"] == reader) & cleaned["trial"].isin(["1", "2"])]
        twice = own[own.groupby("scan")["trial"].transform("nunique") == 2]
        values = twice.assign(reader=twice["reader"] + "." + twice["trial"])[VALUES]
        values = values.astype(dict.fromkeys(("vhi_voxels", "vhi_mm3", "sparcc"), float))
        if len(values):
            names = [f"{reader}.1", f"{reader}.2"]
            limits.append(limits_table(pairs_table(values, names, unit, quantile)))
            reliability.append(reliability_table(values, names, unit, sessions).assign(reader=reader))
    return pd.concat(limits, ignore_index=True), pd.concat(reliability, ignore_index=True)
