"""Plain text and small tables as self-contained HTML pages, for the report."""

import html
from collections.abc import Sequence

import pandas as pd

from vhi.report.pages import STYLE


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
    body = "\n".join(f"<h2>{html.escape(title)}</h2>\n<p>{html.escape(text)}</p>" for title, text in parts if text)
    return _page(heading, f'<div style="max-width: 45em">{body}</div>')


def rows_page(heading: str, frame: pd.DataFrame) -> str:
    """Make a page of one table of words."""
    head = "".join(f"<th>{html.escape(column.replace('_', ' '))}</th>" for column in frame)
    rows = "\n".join(
        "<tr>" + "".join(f"<td>{html.escape(str(cell))}</td>" for cell in row) + "</tr>" for row in frame.to_numpy()
    )
    return _page(heading, f"<table><thead><tr>{head}</tr></thead>\n<tbody>{rows}</tbody></table>")


def _page(heading, body):
    title = html.escape(heading)
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title><style>{STYLE}</style></head>'
        f"<body>\n<h1>{title}</h1>\n{body}\n</body></html>\n"
    )
