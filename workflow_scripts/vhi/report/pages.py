"""The claims as a self-contained HTML page, for the report."""

import html

import pandas as pd

STYLE = """
body { font: 14px/1.4 system-ui, sans-serif; color: #222; margin: 2em auto; max-width: 90em; padding: 0 1em; }
h1 { font-size: 1.4em; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .35em .7em; border-bottom: 1px solid #ddd; }
th { position: sticky; top: 0; background: #fff; border-bottom: 2px solid #222; }
td.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td.mark { white-space: nowrap; font-weight: 600; }
table.counts { width: auto; margin-bottom: 2em; } table.counts td { border: 0; padding: .1em 1em .1em 0; }
table.counts td:nth-child(3) { color: #555; } td:nth-child(2) { min-width: 14em; } td:nth-child(4) { max-width: 9em; }
.m0 { color: #00664a; } .m1 { color: #546e7a; } .m2 { color: #00568c; } .m3 { color: #a83c00; } .m4 { color: #7a3f6d; }
.m5 { color: #7a3f6d; } .m6 { color: #666; } .m7 { color: #666; }
"""
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
    columns = ["section", "statement", "published", "ours", "implied", "status", "rests_on", "note"]
    frame = judged.assign(
        published=[
            f"{_text(value)} (inferred)" if printed == "inferred" else value
            for value, printed in zip(judged["published"], judged["printed"], strict=True)
        ]
    )
    summary = "\n".join(
        f'<tr><td class="mark">{_marked(status)}</td><td>{html.escape(words)}</td><td>{html.escape(meaning)}</td></tr>'
        for status, words, meaning in counts
    )
    head = "".join(f"<th>{html.escape(column.replace('_', ' '))}</th>" for column in columns)
    body = "\n".join(
        "<tr>" + "".join(_cell(row[column], column == "status") for column in columns) + "</tr>"
        for row in frame.to_dict("records")
    )
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{html.escape(heading)}</title>'
        f"<style>{STYLE}</style></head><body>\n<h1>{html.escape(heading)}</h1>\n"
        f'<p>{len(frame)} claims of the paper, by status and by what it rests on</p>\n<table class="counts">{summary}</table>\n'
        f"<table><thead><tr>{head}</tr></thead>\n"
        f"<tbody>{body}</tbody></table>\n</body></html>\n"
    )


def _text(value) -> str:
    return f"{value:.6g}" if isinstance(value, int | float) else str(value)


def _cell(value, is_mark: bool) -> str:
    if is_mark:
        return f'<td class="mark">{_marked(value)}</td>'
    if value is None or value != value:
        return "<td></td>"
    kind = ' class="number"' if isinstance(value, int | float) else ""
    return f"<td{kind}>{html.escape(_text(value))}</td>"


def _marked(name: str) -> str:
    kind = f"m{MARKS.index(name)}" if name in MARKS else ""
    return f'<b class="{kind}">{html.escape(name)}</b>'
