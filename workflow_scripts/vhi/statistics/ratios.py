"""Limits of agreement of the logarithms as ratios, per tertile of the mean."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from vhi.statistics.clustered import clustered_limits
from vhi.statistics.estimates import UNKNOWN, ends
from vhi.statistics.jackknife import reason_without_interval
from vhi.statistics.values import reader_pairs

RATIOS = [
    *("measure", "one_is", "a", "b", "tertile", "smallest", "largest", "n_scans", "n_subjects"),
    *("quantity", "ratio", "ci_low", "ci_high", "note"),
]
WIDEST = np.log(1e6)
"""Of an interval of a ratio, on the logarithm."""


def ratios_table(values: pd.DataFrame, readers: Sequence[str]) -> pd.DataFrame:
    """Give the limits of agreement of log(x + 1) as ratios (a + 1) / (b + 1), per tertile of the mean.

    Near 0 the added 1 decides the ratio: so they stand per tertile, and for V_HI with 1 voxel and with 1 mm3.

    Returns
    -------
    DataFrame
        By `RATIOS`: quantities bias, lower_limit, upper_limit, for clustered data; `smallest` and `largest` mean of the
        tertile in units of `one_is`.
    """
    rows = []
    for measure, column, one in (
        ("V_HI", "vhi_voxels", "1 voxel"),
        ("V_HI", "vhi_mm3", "1 mm3"),
        ("SPARCC", "sparcc", "1 point"),
    ):
        for a, b, both in reader_pairs(values, readers, column):
            mean = both[[a, b]].mean(axis=1)
            place = (mean.rank(method="average") - 0.5) * 3 / max(1, len(both))  # equal means share a tertile
            for tertile, name in enumerate(("all", "lowest", "middle", "highest"), -1):
                part = both if tertile < 0 else both[np.minimum(place.astype(int), 2) == tertile]
                found = clustered_limits(np.log1p(part[a]) - np.log1p(part[b]), part["subject"], part["session"])
                about = {"measure": measure, "one_is": one, "a": a, "b": b, "tertile": name}
                about |= {"smallest": mean[part.index].min(), "largest": mean[part.index].max()}
                about |= {"n_scans": len(part), "n_subjects": part["subject"].nunique()}
                about |= {"note": reason_without_interval(about["n_subjects"], found.lower_ci[0])}
                for of, (value, interval) in found.quantities.items():
                    row = about | {"quantity": of, "ratio": float(np.exp(value))}
                    if interval[1] - interval[0] > WIDEST:
                        interval = UNKNOWN
                        row["note"] = "the interval spans more than a millionfold: no interval"
                    rows.append(row | ends(tuple(np.exp(interval))))
    return pd.DataFrame(rows, columns=RATIOS)
