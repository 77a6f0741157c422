"""Simulated scans beside real ones: what is compared, and its summary."""

import pandas as pd

from vhi.simulation.calibration import WHAT


def summarise(rows: pd.DataFrame) -> pd.DataFrame:
    """Summarise measured scans by median and range.

    Parameters
    ----------
    rows : pandas.DataFrame
        One row per scan, columns out of `WHAT`.

    Returns
    -------
    pandas.DataFrame
        Index: the measures in the order of `WHAT`; columns `n`, `median`, `lowest`, `highest`.
    """
    measures = [name for name in WHAT if name in rows]
    found = rows[measures].astype(float)
    table = pd.DataFrame({"n": found.count(), "median": found.median(), "lowest": found.min(), "highest": found.max()})
    return table.rename_axis("measure")


def compare(simulated: pd.DataFrame, real: pd.DataFrame) -> pd.DataFrame:
    """Put two summaries side by side: `what`, then the columns of each under `simulated_` and `real_`."""
    table = summarise(simulated).add_prefix("simulated_").join(summarise(real).add_prefix("real_"), how="outer")
    table = table.loc[[name for name in WHAT if name in table.index]]
    table.insert(0, "what", [WHAT[name] for name in table.index])
    return table
