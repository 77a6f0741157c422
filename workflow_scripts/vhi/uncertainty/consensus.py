"""The error of a consensus: that of its two readers' mean, at the V_HI on which they agreed."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from vhi.statistics.values import first_trials
from vhi.uncertainty.intervals import SOURCES, combined
from vhi.uncertainty.readings import COLUMNS

CONSENSUS = "consensus"
"""The reader of a consensus."""


def consensus_table(
    uncertainty: pd.DataFrame, agreed: pd.DataFrame, readers: Mapping[str, Sequence[str]], rule: str
) -> pd.DataFrame:
    """Give V_HI and interval of the consensus, one row per scan.

    Parameters
    ----------
    uncertainty : DataFrame
        6_cleaning/uncertainty.tsv.
    agreed : DataFrame
        ``scan vhi_voxels voxel_mm3`` of the scans on which two readers agreed.
    readers : mapping of list of str
        Those two readers, by scan.
    rule : str
        Rule of the limits.

    Returns
    -------
    DataFrame
        Columns of uncertainty.tsv, and ``method source``; the reader is `CONSENSUS`. A scan that one reader alone read has that
        reader's V_HI; ``source`` names who read.
    """
    # ASSUME patch, region and scan move a consensus as they move its readers, and its readers' own part is that of their mean:
    # nobody measured how well a second pair of readers would come to the same consensus.
    first = first_trials(uncertainty)
    rows = []
    for one in agreed.to_dict("records"):
        of = first[(first["scan"] == one["scan"]) & first["reader"].isin(readers[one["scan"]])]
        row = of.iloc[0].to_dict() | one
        for source in SOURCES:
            share = len(of) if source == "reader" else 1
            squares = of[f"sd_log_{source}"].astype(float) ** 2
            row[f"sd_log_{source}"] = np.sqrt(squares.mean() / share)
        rows.append(row | {"source": " and ".join(readers[one["scan"]])})
    found = combined(pd.DataFrame(rows), rule) if rows else pd.DataFrame(columns=[*COLUMNS, "source"])
    alone = first[first.groupby("scan")["reader"].transform("nunique") == 1]
    found = pd.concat([found, alone.assign(source=alone["reader"])], ignore_index=True)
    found = found.assign(reader=CONSENSUS, trial=1, method="semiautomatic").sort_values("scan", ignore_index=True)
    return found[[*COLUMNS, "method", "source"]]
