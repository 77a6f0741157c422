"""Failure analysis: scans on which two readers differ by more than two standard deviations (paper, section 2.7.4)."""

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from vhi.io.errors import InputError
from vhi.statistics.responders import proportion

DISCREPANT_SD = 2
KINDS = ("anatomical", "morphological", "artefact")
SHEET = ["scan", "readers", "kind", "note", "classified_by"]
DIFFERENCES = [
    *("scan", "subject", "session", "readers", "first", "second", "difference", "sd", "in_sd", "discrepant"),
]


def differences(values: pd.DataFrame, readers: Sequence[str], times: float = DISCREPANT_SD) -> pd.DataFrame:
    """Compare every two readers on every scan.

    Parameters
    ----------
    values : DataFrame
        Columns ``scan subject session reader value``, one row per scan and reader.
    readers : sequence of str
        In the order of the config: differences are earlier minus later.
    times : float
        Scans whose difference is more than so many standard deviations from 0 are discrepant. The SD (ddof 1) is over
        all scans, sessions together, as in the paper.

    Returns
    -------
    DataFrame
        ``scan subject session readers first second difference sd in_sd discrepant`` (yes or no), largest difference
        first; no scan is discrepant where there are fewer than three.
    """
    about = values.drop_duplicates("scan").set_index("scan")[["subject", "session"]]
    wide = values.pivot(index="scan", columns="reader", values="value")
    tables = []
    for a, b in combinations([reader for reader in readers if reader in wide], 2):
        table = wide[[a, b]].dropna().set_axis(["first", "second"], axis=1).join(about).reset_index()
        table["difference"] = table["first"] - table["second"]
        spread = table["difference"].std(ddof=1) if len(table) > 2 else float("nan")
        table = table.assign(readers=f"{a}-{b}", sd=spread)
        table["in_sd"] = table["difference"] / spread if spread else 0.0
        table["discrepant"] = np.where(table["difference"].abs() > times * spread, "yes", "no")
        tables.append(table.sort_values("difference", key=abs, ascending=False, kind="stable"))
    return pd.concat(tables, ignore_index=True)[DIFFERENCES] if tables else pd.DataFrame(columns=DIFFERENCES)


def sheet(found: pd.DataFrame, classified: pd.DataFrame) -> pd.DataFrame:
    """Make the sheet for the reader who classifies: one row per discrepant scan, filled in as far as it is known.

    Parameters
    ----------
    found : DataFrame
        From `differences`.
    classified : DataFrame
        Columns `SHEET`, from the study's ``disagreements.tsv``; may be empty.

    Returns
    -------
    DataFrame
        Columns `SHEET`.

    Raises
    ------
    InputError
        If a row names two readers who are not compared.
    """
    known = list(dict.fromkeys(found["readers"]))
    unknown = classified.loc[~classified["readers"].isin(known), "readers"]
    if len(unknown):
        raise InputError(
            f"disagreements.tsv, column 'readers': unknown pair '{unknown.iloc[0]}'; expected, as in sheet.tsv: {', '.join(known)}"
        )
    rows = found.loc[found["discrepant"] == "yes", ["scan", "readers"]]
    return rows.merge(classified[SHEET], on=["scan", "readers"], how="left")[SHEET]


def true_causes(
    first: np.ndarray, second: np.ndarray, reason: np.ndarray, kind_of: Mapping[str, str], names: Mapping[int, str]
) -> pd.DataFrame:
    """Tell of a simulated scan what the voxels truly are that one reader kept and the other removed.

    Parameters
    ----------
    first, second : array of bool
        What each reader kept.
    reason : array of int
        Same shape: why a voxel is bright.
    kind_of : mapping of str to str
        Kind of error by the name of the reason.
    names : mapping of int to str
        Names of the reasons.

    Returns
    -------
    DataFrame
        ``reason kind first_only_voxels second_only_voxels``, one row per reason with voxels, most voxels first.
    """
    rows = []
    for code, name in names.items():
        counts = [int((one & ~other & (reason == code)).sum()) for one, other in ((first, second), (second, first))]
        if any(counts):
            rows.append((name, kind_of[name], *counts))
    table = pd.DataFrame(rows, columns=["reason", "kind", "first_only_voxels", "second_only_voxels"])
    order = (table["first_only_voxels"] + table["second_only_voxels"]).sort_values(ascending=False, kind="stable").index
    return table.loc[order].reset_index(drop=True)


def main_kind(causes: pd.DataFrame) -> str | None:
    """The kind with most voxels on which the readers differ; None where they differ in none."""
    if causes.empty:
        return None
    voxels = causes["first_only_voxels"] + causes["second_only_voxels"]
    return str(voxels.groupby(causes["kind"]).sum().idxmax())


def tally(found: pd.DataFrame, judged: pd.DataFrame) -> pd.DataFrame:
    """Count discrepant scans by kind, as judged and, where it is known, as it truly is.

    Parameters
    ----------
    found : DataFrame
        From `differences`.
    judged : DataFrame
        One row per discrepant scan: ``readers kind true_kind``, kinds missing where they are not known.

    Returns
    -------
    DataFrame
        ``readers kind scans judged true`` with rows ``discrepant`` (of all scans, share with exact 95 % interval), then
        every kind and ``not classified``; columns ``share ci_low ci_high`` of the judged ones among the discrepant.
    """
    rows = []
    for readers, table in found.groupby("readers", sort=False):
        of_pair = judged[judged["readers"] == readers]
        n = len(of_pair)
        known = of_pair["true_kind"].notna().any()
        rows.append((readers, "discrepant", n, len(table), *proportion(n, len(table)), n if known else None))
        for kind in KINDS:
            count = int((of_pair["kind"] == kind).sum())
            true = int((of_pair["true_kind"] == kind).sum()) if known else None
            rows.append((readers, kind, count, n, *proportion(count, n), true))
        open_ = int(of_pair["kind"].isna().sum())
        rows.append((readers, "not classified", open_, n, *proportion(open_, n), None))
    columns = ["readers", "kind", "scans", "of", "share", "ci_low", "ci_high", "true_scans"]
    return pd.DataFrame(rows, columns=columns)
