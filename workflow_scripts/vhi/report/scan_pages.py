"""Pages on scans as self-contained HTML."""

import base64
from collections.abc import Mapping, Sequence

import pandas as pd

from vhi.report.html import render
from vhi.statistics.values import first_trials


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


def scan_page(facts: Mapping, picture: bytes, stacks: Sequence[Mapping], simulated: bool) -> str:
    """Make the page of one scan.

    Parameters
    ----------
    facts : mapping
        ``scan expected reasons notes numbers`` (notes: text; numbers: list of name and value as text).
    picture : bytes
        WebP.
    stacks : sequence of mapping
        Of `vhi.figures.stacks.stacks_of`.
    simulated : bool

    Returns
    -------
    str
        HTML that needs nothing from elsewhere.
    """
    shown = [
        {
            **stack,
            "picture": in_text(stack["picture"]),
            "layers": [layer | {"image": in_text(layer["image"])} for layer in stack["layers"]],
        }
        for stack in stacks
    ]
    names = {name: facts[name] for name in ("scan", "reasons", "notes", "expected", "numbers")}
    title = f"Scan {facts['scan']}"
    return render("scan.html", title=title, **names, picture=in_text(picture), stacks=shown, simulated=simulated)


def cohort_page(title: str, top: Sequence[str], scans: Sequence[Mapping]) -> str:
    """Make the page of all scans: a list to filter, beside the page of the scan that is chosen.

    Parameters
    ----------
    title : str
    top : sequence of str
        What is missing, open or simulated.
    scans : sequence of mapping
        ``scan session weight reasons``, in the order in which they are listed; the pages of scans lie in ``scans/``.
    """
    sessions = list(dict.fromkeys(scan["session"] for scan in scans))
    waiting = sum(scan["weight"] > 0 for scan in scans)
    return render("scans.html", title=title, top=top, scans=scans, sessions=sessions, waiting=waiting)


def in_text(image: bytes) -> str:
    """Encode an image for the address of a picture."""
    return base64.b64encode(image).decode()
