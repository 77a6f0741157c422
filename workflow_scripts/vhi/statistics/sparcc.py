"""SPARCC score of the sacroiliac joints: component sheets checked by its rules and summed, bare totals where declared.

Six consecutive semicoronal STIR slices. Per slice and joint four quadrants hold oedema (1) or not (0), 48 in all; oedema
that reaches 1 cm from the articular surface, and oedema as bright as presacral veins, add 1 each per JOINT and slice, 12 + 12; the
maximum is 72. The text of Hepburn et al. gives depth and intensity per quadrant, which would make 144.

Maksymowych WP et al. Spondyloarthritis Research Consortium of Canada magnetic resonance imaging index for assessment of
sacroiliac joint inflammation in ankylosing spondylitis. Arthritis Rheum 2005; 53: 703-709.
"""

import pandas as pd

from vhi.io.errors import InputError

QUADRANTS = ["q1", "q2", "q3", "q4"]
# ASSUME intensity is at least that of presacral veins, as in the score's definition; section 2.6 prints cerebrospinal fluid. Depth
# is 1 cm or more; section 2.6 prints more than 10 mm.
EXTRAS = ["depth", "intensity"]
SLICES = 6
MAXIMUM = 72


def sum_sheets(sheets: pd.DataFrame) -> pd.DataFrame:
    """Sum component sheets: one row per scan and reader, columns ``scan reader sparcc``."""
    parts = sheets[QUADRANTS + EXTRAS].sum(axis=1)
    return parts.groupby([sheets["scan"], sheets["reader"]], sort=True).sum().rename("sparcc").reset_index()


def check_sheets(sheets: pd.DataFrame, name: str = "sparcc_sheets.tsv") -> None:
    """Check component sheets by the rules of the score.

    Parameters
    ----------
    sheets : DataFrame
        ``scan reader slice side`` and ``q1`` to ``q4``, ``depth``, ``intensity``, each 0 or 1.
    name : str
        The file, for messages.

    Raises
    ------
    InputError
        If a sheet has not six consecutive slices of two sides, or gives depth or intensity to a joint without oedema.
        (A slice of more than 12 is impossible with cells of 0 and 1; the schema sees to those.)
    """
    for (scan, reader), sheet in sheets.groupby(["scan", "reader"], sort=False):
        where = f"{name}: scan {scan}, reader {reader}"
        slices = sorted(set(sheet["slice"]))
        if len(slices) != SLICES or slices[-1] - slices[0] != SLICES - 1:
            raise InputError(
                f"{where}: expected six consecutive slices, found {', '.join(map(str, slices))}; score every slice of the "
                "six on both sides, zeros too"
            )
        sides = sheet.groupby("slice")["side"].nunique()
        if (sides != 2).any():
            raise InputError(
                f"{where}: expected a row for each side of a slice, found one in slice {sides.index[sides != 2][0]}; "
                "add the other, with zeros where nothing is inflamed"
            )
        free = sheet[(sheet[EXTRAS].max(axis=1) > 0) & (sheet[QUADRANTS].max(axis=1) == 0)]
        if len(free):
            row = free.iloc[0]
            raise InputError(
                f"{where}, slice {row['slice']}, {row['side']}: expected depth and intensity only beside a quadrant with "
                "oedema on that side, found one without; correct the quadrants, or set both to 0"
            )


def with_made(
    scores: pd.DataFrame, sheets: pd.DataFrame, made: list[pd.DataFrame]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Add the sheets of the scoring page to the study's own; a scan and reader that these have already keep theirs.

    Returns
    -------
    scores, sheets : DataFrame
        As `sparcc_scores` takes them.
    """
    keys = ["scan", "reader"]
    known = {*map(tuple, scores[keys].to_numpy()), *map(tuple, sheets[keys].to_numpy())}
    new = [sheet[[key not in known for key in map(tuple, sheet[keys].to_numpy())]] for sheet in made]
    if not sum(map(len, new)):
        return scores, sheets
    rows = pd.concat(new, ignore_index=True)
    if len(scores):
        scores = pd.concat([scores, rows[keys].drop_duplicates().assign(source="sheet")], ignore_index=True)
    return scores, pd.concat([sheets, rows], ignore_index=True) if len(sheets) else rows


def sparcc_scores(
    scores: pd.DataFrame, sheets: pd.DataFrame, scores_name: str = "scores.tsv", sheets_name: str = "sparcc_sheets.tsv"
) -> pd.DataFrame:
    """Give the SPARCC of every scan and reader.

    Parameters
    ----------
    scores : DataFrame
        ``scan reader sparcc source``; `sparcc` may be missing where `source` is ``sheet``. No rows: the sheets say all.
    sheets : DataFrame
        As for `check_sheets`; may have no rows.
    scores_name, sheets_name : str
        The files, for messages.

    Returns
    -------
    DataFrame
        ``scan reader sparcc source``: ``sheet`` (checked and summed) or ``total`` (as given).

    Raises
    ------
    InputError
        If a sheet breaks the rules, is named but absent, or disagrees with the total; or if a total is no multiple of a
        half (a mean of two readings may end in .5) from 0 to 72.
    """
    check_sheets(sheets, sheets_name or "sparcc_sheets.tsv")
    summed = sum_sheets(sheets).rename(columns={"sparcc": "sum"})
    if scores.empty:
        return summed.rename(columns={"sum": "sparcc"}).assign(source="sheet")
    found = scores.merge(summed, on=["scan", "reader"], how="outer").sort_values(["scan", "reader"])
    for row in found.itertuples():
        where = f"{scores_name}: scan {row.scan}, reader {row.reader}"
        if pd.isna(row.source):
            raise InputError(
                f"{where}: expected a row for every sheet of {sheets_name}, found none; add it (source sheet)"
            )
        if row.source == "sheet" and pd.isna(row.sum):
            raise InputError(f"{where}: source is `sheet`, but {sheets_name or 'sparcc_sheets.tsv'} has none; add it")
        if pd.notna(row.sparcc) and pd.notna(row.sum) and row.sparcc != row.sum:
            raise InputError(
                f"{where}: the total is {row.sparcc:g}, but the sheet sums to {row.sum:g}; correct one of them, or take "
                "the sheet out"
            )
        if row.source == "total" and not (2 * row.sparcc == int(2 * row.sparcc) and 0 <= row.sparcc <= MAXIMUM):
            raise InputError(f"{where}: expected a SPARCC of 0 to {MAXIMUM} in steps of 1 or 0.5, found {row.sparcc:g}")
    value = found["sum"].where(found["source"] == "sheet", found["sparcc"])
    return found.assign(sparcc=value)[["scan", "reader", "sparcc", "source"]].reset_index(drop=True)
