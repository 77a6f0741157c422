"""Two runs of a study side by side, paired per scan: what a change of method does to the numbers."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from vhi.io.tables import read_table
from vhi.statistics.agreement import agreement_table, limits_of_agreement

SIDES = ("A", "B")
READING = ["scan", "reader", "trial", "method"]
PAIR = ["scan", "reading_1", "reading_2", "method"]
LIMITS_OF = ["lower", "upper", "n"]


def changed_keys(a: dict, b: dict) -> pd.DataFrame:
    """List the config keys in which two runs differ: ``key A B``, nested keys with dots."""
    first, second = _flat(a), _flat(b)
    keys = [key for key in {**first, **second} if first.get(key) != second.get(key)]
    rows = [(key, *(_word(side[key]) if key in side else "" for side in (first, second))) for key in keys]
    return pd.DataFrame(rows, columns=["key", *SIDES])


def _word(value):
    return value if isinstance(value, str) else json.dumps(value)


def _flat(config, prefix=""):
    flat = {}
    for key, value in config.items():
        flat |= _flat(value, f"{prefix}{key}.") if isinstance(value, dict) and value else {f"{prefix}{key}": value}
    return flat


def paired(a: pd.DataFrame, b: pd.DataFrame, key: Sequence[str], columns: Sequence[str]) -> pd.DataFrame:
    """Pair two tables by a key.

    Parameters
    ----------
    a, b : DataFrame
    key : sequence of str
        Columns that identify a row.
    columns : sequence of str
        Numbers to be set side by side.

    Returns
    -------
    DataFrame
        The key; for each column ``<column>_A``, ``<column>_B`` and ``<column>_change`` (B less A). Rows that one side
        lacks are kept, with NaN.
    """
    table = a[[*key, *columns]].merge(b[[*key, *columns]], on=list(key), how="outer", suffixes=("_A", "_B"), sort=False)
    ordered = list(key)
    for column in columns:
        first, second = (table[f"{column}_{side}"].astype(float) for side in SIDES)
        table[f"{column}_A"], table[f"{column}_B"], table[f"{column}_change"] = first, second, second - first
        ordered += [f"{column}_A", f"{column}_B", f"{column}_change"]
    return table[ordered]


def summary(tables: Sequence[tuple[str, pd.DataFrame, str]]) -> pd.DataFrame:
    """Sum up paired columns.

    Parameters
    ----------
    tables : sequence of (str, DataFrame, str)
        Name of the quantity as printed, a table from `paired`, and the column.

    Returns
    -------
    DataFrame
        ``quantity n changed median_A median_B mean_change sd_change lower_limit upper_limit smallest_change
        largest_change``: n pairs of which so many changed, and 95 % limits of agreement of B less A (not for n < 2).
    """
    rows = []
    for quantity, table, column in tables:
        known = table[table[f"{column}_change"].notna()]
        first, second, change = (known[f"{column}_{part}"].astype(float) for part in (*SIDES, "change"))
        found = limits_of_agreement(second.to_numpy(), first.to_numpy())
        row = {"quantity": quantity, "n": change.size, "changed": int(np.count_nonzero(change))}
        row |= {"median_A": first.median(), "median_B": second.median()}
        row |= {"mean_change": found.bias, "sd_change": found.sd}
        row |= {"lower_limit": found.lower, "upper_limit": found.upper}
        rows.append(row | {"smallest_change": change.min(), "largest_change": change.max()})
    return pd.DataFrame(rows)


def between_readers(readings: pd.DataFrame, readers: Sequence[str]) -> pd.DataFrame:
    """Limits of agreement between the readers' first cleanings, within each run.

    Parameters
    ----------
    readings : DataFrame
        From `paired`, with ``vhi_voxels_A`` and ``vhi_voxels_B``.
    readers : sequence of str

    Returns
    -------
    DataFrame
        ``run``, and the columns of `vhi.statistics.agreement.agreement_table` in voxels.
    """
    cleaned = readings[(readings["method"] == "semiautomatic") & (readings["trial"] == "1")]
    tables = []
    for side in SIDES:
        wide = cleaned.pivot(index="scan", columns="reader", values=f"vhi_voxels_{side}").reindex(columns=list(readers))
        pairs = [(one, other) for place, one in enumerate(readers) for other in list(readers)[place + 1 :]]
        table = agreement_table(wide, pairs, "voxels")
        table.insert(0, "run", side)
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def of_step(paths: Sequence[str], step: str) -> dict[str, str]:
    """Files of a step by scan."""
    return {Path(path).name.split(".")[0]: path for path in paths if Path(path).parent.name == step}


def quantities(
    scans: pd.DataFrame, readings: pd.DataFrame, scores: pd.DataFrame
) -> list[tuple[str, pd.DataFrame, str]]:
    """List what the summary compares: name, paired table and column, from the limits to the Dice scores."""
    found = [("lower limit", scans, "lower"), ("upper limit", scans, "upper"), ("multiple n of the IQR", scans, "n")]
    found.append(("preliminary voxels", scans, "preliminary_voxels"))
    printed = {"manual": "manual", "semiautomatic": "cleaned", "mixed": "manual and cleaned"}
    for method in ("semiautomatic", "manual"):
        found.append((f"V_HI, {printed[method]}, voxels", readings[readings["method"] == method], "vhi_voxels"))
    machine = scores["reading_2"] == "preliminary"
    for method in ("semiautomatic", "manual", "mixed"):
        found.append((f"Dice, {printed[method]}", scores[(scores["method"] == method) & ~machine], "dice"))
        if method != "mixed":
            of = scores[(scores["method"] == method) & machine]
            found.append((f"Dice, {printed[method]} and preliminary", of, "dice"))
    return found


def table_ending(paths: Sequence[str], name: str, columns: Sequence[str]) -> pd.DataFrame:
    """Read the table whose path ends with a name; without rows where there is none."""
    found = [path for path in paths if path.endswith(name)]
    return read_table(found[0]) if found else pd.DataFrame(columns=columns)


def paired_readings(a: Sequence[str], b: Sequence[str]) -> pd.DataFrame:
    """Pair the V_HI of two runs by reading, from their files."""
    tables = [table_ending(paths, "measurements.tsv", [*READING, "vhi_voxels"]) for paths in (a, b)]
    return paired(*tables, READING, ["vhi_voxels"])


def paired_scores(a: Sequence[str], b: Sequence[str]) -> pd.DataFrame:
    """Pair the Dice scores of two runs by pair of readings, from their files."""
    tables = [table_ending(paths, "7_1_overlap/dice.tsv", [*PAIR, "dice"]) for paths in (a, b)]
    return paired(*(table.rename(columns={"a": "reading_1", "b": "reading_2"}) for table in tables), PAIR, ["dice"])
