"""The claims as a self-contained HTML page, for the report."""

import pandas as pd

from vhi.report.html import render

COLUMNS = ("section", "statement", "published", "ours", "implied", "status", "rests_on", "note")
REPORT_BYTES = 1_500_000
"""Most bytes of a page in the report, which holds it as a data: address: 4/3 as long, and Chromium opens none above 2 MiB."""
MARKS = (
    "reproduced", "same setting", "consistent", "differs", "contradicts itself", "ambiguous", "not public", "not run",
)  # fmt: skip


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
            row["published"] = f"{_text(row['published'])} (inferred)"
    return render("claims.html", title=heading, rows=rows, columns=COLUMNS, counts=counts, marks=MARKS)


def _text(value) -> str:
    return f"{value:.6g}" if isinstance(value, int | float) else str(value)
