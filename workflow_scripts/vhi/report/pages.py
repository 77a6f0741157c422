"""Claims, plain text and small tables as self-contained HTML pages, for the report."""

from collections.abc import Mapping, Sequence

import pandas as pd

from vhi.report.html import render

COLUMNS = ("section", "statement", "published", "ours", "implied", "status", "rests_on", "note")
MARKS = (
    "reproduced", "same setting", "consistent", "differs", "contradicts itself", "ambiguous", "not public", "not run",
)  # fmt: skip
MOST_ROWS = 2000
"""Of each table on a sheet, so that it opens at once."""


def claims_page(judged: pd.DataFrame, heading: str, counts: list[tuple[str, str, str]]) -> str:
    """Make a page of judged claims.

    Parameters
    ----------
    judged : DataFrame
        From `vhi.report.claims.judge.judge`.
    heading : str
    counts : list of (status, words, meaning)
        From `vhi.report.claims.judge.headline`; they stand above the table.

    Returns
    -------
    str
        HTML that needs nothing from elsewhere.
    """
    rows = judged.astype(object).to_dict("records")
    for row in rows:
        if row["printed"] == "inferred":
            published = row["published"]
            published = f"{published:.6g}" if isinstance(published, int | float) else published
            row["published"] = f"{published} (inferred)"
    return render("claims.html", title=heading, rows=rows, columns=COLUMNS, counts=counts, marks=MARKS)


def text_page(heading: str, parts: Sequence[tuple[str, str]]) -> str:
    """Make a page of headed paragraphs.

    Parameters
    ----------
    heading : str
    parts : sequence of (str, str)
        Heading and text.

    Returns
    -------
    str
        HTML that needs nothing from elsewhere.
    """
    return render("text.html", title=heading, parts=parts)


def rows_page(heading: str, frame: pd.DataFrame) -> str:
    """Make a page of one table of words."""
    return sheet_page(heading, {}, {"": frame.rename(columns=lambda name: name.replace("_", " "))})


def sheet_page(heading: str, facts: Mapping[str, str], parts: Mapping[str, pd.DataFrame]) -> str:
    """Make a page of facts and tables that needs nothing from elsewhere; of long tables the first rows."""
    tables = [
        {
            "title": title,
            "columns": list(frame.columns),
            "rows": frame.head(MOST_ROWS).fillna("").to_numpy().tolist(),
            "all": len(frame),
        }
        for title, frame in parts.items()
    ]
    return render("sheet.html", title=heading, facts=facts, parts=tables)
