"""Pages on scans as self-contained HTML."""

import base64
import html
from collections.abc import Mapping, Sequence
from itertools import accumulate

STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; color: #222; margin: 1.5em auto; max-width: 82em; padding: 0 1em; }
h1 { font-size: 1.5em; margin: 0 0 .3em; } h2 { font-size: 1.15em; margin: .2em 0; }
img { width: 100%; height: auto; display: block; }
.banner { border-left: 5px solid #D55E00; background: #fff4ec; padding: .6em 1em; margin: .5em 0; }
.banner.fine { border-color: #009E73; background: #eefaf5; }
table { border-collapse: collapse; margin: .4em 0; } th, td { text-align: left; vertical-align: top; padding: .2em .8em .2em 0; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
.missing, .open, .stale { color: #a83c00; font-weight: 600; } .there { color: #00664a; }
.columns { display: flex; flex-wrap: wrap; align-items: flex-start; gap: 0 3em; }
details { border-top: 1px solid #ccc; padding: .5em 0; } summary { cursor: pointer; }
.short { border-top: 1px solid #ccc; padding: .5em 0 .5em 1em; margin: 0; }
summary b, .short b { display: inline-block; min-width: 8em; }
summary .weight, .short .weight { display: inline-block; min-width: 2.2em; text-align: right; padding-right: .8em; color: #666; }
ul { margin: .2em 0; padding-left: 1.2em; }
@page { size: A4; margin: 12mm; }
@media print { /* every scan is open, and whole on a page */
  body { font-size: 11px; margin: 0; padding: 0; max-width: none; }
  details { break-inside: avoid; } details::details-content { content-visibility: visible; block-size: auto; display: block; }
}
"""
BEGIN, END = "<!-- section -->", "<!-- /section -->"


def page(title: str, body: str) -> str:
    """Put a body into a page that needs nothing from elsewhere."""
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{html.escape(title)}</title><style>{STYLE}</style></head><body>\n{body}\n</body></html>\n"
    )


def banner(lines: Sequence[str], fine: str = "") -> str:
    """Say at the top what is missing, stale or simulated; `fine` where nothing is."""
    if not lines:
        return f'<div class="banner fine">{html.escape(fine)}</div>'
    items = "".join(f"<li>{html.escape(line)}</li>" for line in lines)
    return f'<div class="banner"><ul>{items}</ul></div>'


def scan_section(facts: Mapping, picture: bytes) -> str:
    """Make the part of a page on one scan.

    Parameters
    ----------
    facts : mapping
        ``scan expected reasons numbers`` (numbers: list of name and value as text).
    picture : bytes
        WebP.

    Returns
    -------
    str
        HTML between `BEGIN` and `END`.
    """
    reasons = "".join(f"<li>{html.escape(item['reason'])}</li>" for item in facts["reasons"])
    expected = "".join(
        f'<tr><td>{html.escape(part["what"])}</td><td class="{part["state"].split()[0]}">{html.escape(part["state"])}</td>'
        f"<td>{html.escape(part['note'])}</td></tr>"
        for part in facts["expected"]
    )
    numbers = "".join(
        f'<tr><td>{html.escape(name)}</td><td class="number">{html.escape(value)}</td></tr>'
        for name, value in facts["numbers"]
    )
    source = base64.b64encode(picture).decode()
    return (
        f"{BEGIN}\n"
        + (f"<p>Review it:</p><ul>{reasons}</ul>" if reasons else "<p>No issues found.</p>")
        + f'\n<img alt="Pictures of scan {html.escape(facts["scan"])}" src="data:image/webp;base64,{source}">'
        + f'\n<div class="columns"><table><tr><th>expected</th><th></th><th></th></tr>{expected}</table>'
        + f"<table><tr><th>measured</th><th></th></tr>{numbers}</table></div>\n{END}"
    )


def section_of(text: str) -> str:
    """Take the part on the scan out of its page."""
    return text.split(BEGIN, 1)[1].split(END, 1)[0]


def scan_page(facts: Mapping, picture: bytes, simulated: bool) -> str:
    """Make the page of one scan."""
    top = banner(["Simulated scan, no real person."]) if simulated else ""
    heading = f"Scan {facts['scan']}"
    return page(heading, f"<h1>{html.escape(heading)}</h1>{top}{scan_section(facts, picture)}")


def cohort_page(
    title: str, top: Sequence[str], scans: Sequence[tuple[Mapping, str]], most: int | None = None, whole: str = ""
) -> str:
    """Make the page of all scans.

    Parameters
    ----------
    title : str
    top : sequence of str
        What is missing, open or simulated.
    scans : sequence of (facts, section)
        In the order in which they are shown.
    most : int, optional
        Most bytes. The first scans are shown whole, the others by a line, as many as there is room for.
    whole : str
        Where the page of all scans is, for a page that does not show them all.
    """
    waiting = sum(bool(facts["reasons"]) for facts, _ in scans)
    lines = [_line(facts) for facts, _ in scans]
    head = [
        f"<h1>{html.escape(title)}</h1>",
        banner(top, "Nothing that the study expects is missing, and no reading is open."),
        f"<p>{len(scans)} scans, sorted by review priority ({waiting} to be reviewed); the number is the priority score. Click "
        "on a scan to open it.</p>",
    ]
    shown = [
        f'<details id="{html.escape(facts["scan"])}"><summary>{line}</summary>{section}</details>'
        for line, (facts, section) in zip(lines, scans, strict=True)
    ]
    short = [f'<p class="short">{line}</p>' for line in lines]
    room = float("inf") if most is None else most - _bytes(page(title, "\n".join(head))) - 1000
    listed = _fitting(short, room / 2)
    room -= sum(map(_bytes, short[:listed]))
    opened = _fitting(shown[:listed], room)
    if opened < len(scans):
        left = f"; {len(scans) - listed} more are left out" if listed < len(scans) else ""
        head.append(
            f"<p><b>The first {opened} scans are shown with pictures{left}.</b> All scans with pictures: "
            f"<code>{html.escape(whole)}</code>.</p>"
        )
    return page(title, "\n".join([*head, *shown[:opened], *short[opened:listed]]))


def _line(facts: Mapping) -> str:
    """Priority, name and reasons of a scan, on one line."""
    why = "; ".join(item["reason"] for item in facts["reasons"]) or "no issues found"
    name, weight = html.escape(facts["scan"]), f'<span class="weight">{facts["weight"]:g}</span>'
    return f"{weight}<b>{name}</b> {html.escape(why)}"


def _bytes(text: str) -> int:
    return len(text.encode()) + 1


def _fitting(parts: Sequence[str], room: float) -> int:
    """How many of the first parts fit into so many bytes."""
    return sum(total <= room for total in accumulate(map(_bytes, parts)))
