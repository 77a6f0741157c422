"""Whether a reader's V_HI changes over the order in which they read."""

import numpy as np
import pandas as pd

from vhi.statistics.estimates import ends
from vhi.statistics.jackknife import reason_without_interval
from vhi.statistics.slopes import clustered_line

DRIFT = ["reader", "n", "n_subjects", "slope_per_100", "ci_low", "ci_high", "ratio_per_100", "p", "note"]


def reader_drift(values: pd.DataFrame, order: pd.DataFrame) -> pd.DataFrame:
    """Regress each reader's difference from the other readers of the same scan on the place in their order of reading.

    Parameters
    ----------
    values : DataFrame
        ``scan subject reader vhi``, one row per scan and reader.
    order : DataFrame
        ``scan reader order``: 1 is the scan that the reader read first.

    Returns
    -------
    DataFrame
        `DRIFT`, one row per reader with an order. The outcome is log(V_HI + 1) of the reader less the mean of the others;
        the slope is per 100 readings, with scans clustered within subjects (CR2, Satterthwaite); the ratio is its exponential.
    """
    table = values.dropna(subset=["vhi"]).assign(log=lambda t: np.log1p(t["vhi"].astype(float)))
    by_scan = table.groupby("scan")["log"]
    total, readers = by_scan.transform("sum"), by_scan.transform("count")
    table["difference"] = table["log"] - (total - table["log"]) / (readers - 1).where(readers > 1)
    table = table.merge(order, on=["scan", "reader"])
    rows = []
    for reader, part in table.groupby("reader", sort=False):
        part = part.dropna(subset=["difference", "order"])
        found = clustered_line(part["order"].to_numpy(float) / 100, part["difference"].to_numpy(), part["subject"])[
            "slope"
        ]
        n, note = part["subject"].nunique(), "no scan was read by another reader too"
        row = {"reader": reader, "n": len(part), "n_subjects": n, "slope_per_100": found.estimate, "p": found.p}
        row |= {"ratio_per_100": np.exp(found.estimate), "note": reason_without_interval(n, found.ci[0]) if n else note}
        rows.append(row | ends(found.ci))
    return pd.DataFrame(rows, columns=DRIFT)
