"""Change under treatment where the study's V_HI is the consensus of two readers."""

from collections.abc import Sequence

import pandas as pd

from vhi.statistics.change import change_tables


def with_consensus(
    changes: pd.DataFrame, detectable: pd.DataFrame, agreed: pd.DataFrame, unit: str, sessions: Sequence[str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Put the consensus in front of the readers, so that it is the first reader of every measure.

    Parameters
    ----------
    changes, detectable : DataFrame
        Of `change.change_tables`, of the readers.
    agreed : DataFrame
        6_cleaning/consensus.tsv.
    unit : str
        Of V_HI.
    sessions : sequence of str
        Visits in their order.

    Returns
    -------
    changes, detectable : DataFrame
        SPARCC beside the consensus is the mean of the readers' scores, with its smallest detectable change. That of V_HI is that of
        one reader: how far two consensus readings of the same scans differ is not known, and the limit is not to be too small.
    """
    reader = agreed["reader"].iloc[0]
    own, _ = change_tables(agreed, None, unit, [reader], [], sessions)
    scored = changes[changes["measure"] == "sparcc"]
    scored = scored[scored["reader"] == scored["reader"].iloc[0]] if len(scored) else scored
    chosen = (detectable["measure"] == "sparcc") | (detectable["readers_averaged"] == 1)
    limits = detectable[chosen].drop_duplicates(
        ["measure", "unit", "session"]
    )  # the first row of SPARCC is that of the mean
    return tuple(
        pd.concat([*parts, table], ignore_index=True)
        for parts, table in (
            ([own, scored.assign(reader=reader)], changes),
            ([limits.assign(reader=reader)], detectable),
        )
    )
