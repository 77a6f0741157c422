"""Pages on scans as self-contained HTML."""

import base64
from collections.abc import Mapping, Sequence
from itertools import accumulate

import pandas as pd

from vhi.report.html import render
from vhi.statistics.values import first_trials

BEGIN, END = "<!-- section -->", "<!-- /section -->"


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
    picture = base64.b64encode(picture).decode()
    names = ("scan", "reasons", "expected", "numbers")
    return render("scan.html", **{name: facts[name] for name in names}, picture=picture, begin=BEGIN, end=END)


def intervals_of(uncertainty: pd.DataFrame, scan: str) -> dict[str, str]:
    """Say the interval of each reader's V_HI of a scan, first trials; ``uncertainty`` is 6_cleaning/uncertainty.tsv."""
    rows = first_trials(uncertainty[uncertainty["scan"] == scan]).dropna(subset=["low_voxels", "high_voxels"])
    ends = zip(rows["reader"], rows["low_voxels"], rows["high_voxels"], strict=True)
    return {reader: f" (90 % interval {low:,.0f} to {high:,.0f})" for reader, low, high in ends}


def sides_of(joints: pd.DataFrame, scan: str) -> list[tuple[str, str]]:
    """Say each reader's V_HI of a scan on both sides, first trials; ``joints`` is 6_cleaning/joints.tsv."""
    first = first_trials(joints[joints["scan"] == scan])
    sums = first.groupby(["reader", "side"], sort=False)["vhi_voxels"].sum()
    return [
        (f"V_HI by {reader}, left / right", f"{sums[reader, 'left']:,} / {sums[reader, 'right']:,} voxels")
        for reader in dict.fromkeys(first["reader"])
    ]


def section_of(text: str) -> str:
    """Take the part on the scan out of its page."""
    return text.split(BEGIN, 1)[1].split(END, 1)[0]


def scan_page(facts: Mapping, picture: bytes, simulated: bool) -> str:
    """Make the page of one scan."""
    top = ["Simulated scan, no real person."] if simulated else []
    return _page(f"Scan {facts['scan']}", [scan_section(facts, picture)], top=top)


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
    about = {"top": top, "fine": "Nothing that the study expects is missing, and no reading is open.", "whole": whole}
    about |= {"scans": len(scans), "waiting": sum(bool(facts["reasons"]) for facts, _ in scans)}
    shown = [_line(facts, section) for facts, section in scans]
    short = [_line(facts) for facts, _ in scans]
    room = float("inf") if most is None else most - _bytes(_page(title, [], **about)) - 1000
    listed = _fitting(short, room / 2)
    room -= sum(map(_bytes, short[:listed]))
    opened = _fitting(shown[:listed], room)
    cut = {"opened": opened, "left": len(scans) - listed} if opened < len(scans) else None
    return _page(title, shown[:opened] + short[opened:listed], cut=cut, **about)


def _page(title: str, parts: Sequence[str], **about: object) -> str:
    """Put parts into a page that needs nothing from elsewhere."""
    left_out = {"top": [], "fine": "", "scans": None, "cut": None, "whole": ""}
    return render("scans.html", title=title, parts=parts, **(left_out | about))


def _line(facts: Mapping, section: str | None = None) -> str:
    """Priority, name and reasons of a scan on one line, with its section where it can be opened."""
    named = {name: facts[name] for name in ("scan", "reasons", "weight")}
    return render("scan_line.html", **named, section=section).strip()


def _bytes(text: str) -> int:
    return len(text.encode()) + 1


def _fitting(parts: Sequence[str], room: float) -> int:
    """How many of the first parts fit into so many bytes."""
    return sum(total <= room for total in accumulate(map(_bytes, parts)))
