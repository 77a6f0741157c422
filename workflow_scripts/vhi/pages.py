"""Tables as self-contained HTML pages, for the report."""

import html

import pandas as pd

STYLE = """
body { font: 14px/1.4 system-ui, sans-serif; color: #222; margin: 2em auto; max-width: 75em; padding: 0 1em; }
h1 { font-size: 1.4em; } p.counts span { margin-right: 1.5em; white-space: nowrap; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .35em .7em; border-bottom: 1px solid #ddd; }
th { position: sticky; top: 0; background: #fff; border-bottom: 2px solid #222; }
td.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td.mark { white-space: nowrap; font-weight: 600; }
.m0 { color: #00664a; } .m1 { color: #a83c00; } .m2 { color: #666; } .m3 { color: #7a3f6d; } .m4 { color: #00568c; }
"""
REPORT_BYTES = 1_500_000
"""Most bytes of a page in the report, which holds it as a data: address: 4/3 as long, and Chromium opens none above 2 MiB."""
MARKS = ("reproduced", "differs", "not public", "contradicts itself", "not run")


def table_page(frame: pd.DataFrame, heading: str, group: str, mark: str) -> str:
    """Make a page of one table.

    Parameters
    ----------
    frame : DataFrame
    heading : str
    group : str
        Column by which rows are ordered as they come; it stands first.
    mark : str
        Column whose values are counted above the table and coloured.

    Returns
    -------
    str
        HTML that needs nothing from elsewhere.
    """
    columns = [group, *[column for column in frame.columns if column not in (group, "id")]]
    counts = frame[mark].value_counts()
    summary = "".join(f"<span>{_marked(name)} {counts[name]}</span>" for name in MARKS if name in counts)
    head = "".join(f"<th>{html.escape(column)}</th>" for column in columns)
    body = "\n".join(
        "<tr>" + "".join(_cell(row[column], column == mark) for column in columns) + "</tr>"
        for row in frame.to_dict("records")
    )
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{html.escape(heading)}</title>'
        f"<style>{STYLE}</style></head><body>\n<h1>{html.escape(heading)}</h1>\n"
        f'<p class="counts">{len(frame)} claims: {summary}</p>\n<table><thead><tr>{head}</tr></thead>\n'
        f"<tbody>{body}</tbody></table>\n</body></html>\n"
    )


def _cell(value, is_mark: bool) -> str:
    if is_mark:
        return f'<td class="mark">{_marked(value)}</td>'
    if value is None or value != value:
        return "<td></td>"
    if isinstance(value, int | float):
        return f'<td class="number">{value:.6g}</td>'
    return f"<td>{html.escape(str(value))}</td>"


def _marked(name: str) -> str:
    kind = f"m{MARKS.index(name)}" if name in MARKS else ""
    return f'<b class="{kind}">{html.escape(name)}</b>'
