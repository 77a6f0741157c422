"""First page of the report: V_HI of every subject and visit, three pictures, what is missing, what needs review, and all parts."""

import base64
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from vhi.report.html import render
from vhi.report.parts import data_of
from vhi.statistics.values import first_cleanings, first_visits
from vhi.uncertainty.change import visit_interval

PICTURES = (
    "overview/figure_1.png", "6_cleaning/figure_uncertainty.png", "7_1_overlap/figure_4.png", "7_2_agreement/figure_7.png",
    "7_3_responsiveness/figure_8.png", "3b_disease_region/figure_s2.png", "3a_unet_training/figure_2.png",
)  # fmt: skip
"""Pictures of the first page: the first three of these that are there."""
WIDE = 640
BEYOND = {"no": "within error", "decrease": "decrease", "increase": "increase"}


def visits_table(
    measurements: pd.DataFrame | None,
    uncertainty: pd.DataFrame | None,
    changes: pd.DataFrame | None,
    sessions: Sequence[str],
) -> tuple[list[str], list[list[str]]]:
    """Say V_HI of every subject and visit: the mean of the readers in ml, with its 90 % interval where there is one.

    Parameters
    ----------
    measurements, uncertainty, changes : DataFrame or None
        measurements.tsv and uncertainty.tsv of 6_cleaning, change_error.tsv of 7_3_responsiveness.
    sessions : sequence of str
        In their order; of more than three, the first and the last two are shown.

    Returns
    -------
    (list of str, list of list of str)
        Columns and rows.
    """
    if measurements is None:
        return [], []
    read = first_cleanings(measurements).dropna(subset="vhi_voxels")
    intervals = _intervals(uncertainty)
    sessions = [name for name in sessions if name in set(read["session"])]
    sessions = sessions if len(sessions) < 4 else [sessions[0], *sessions[-2:]]
    mean = read.groupby(["subject", "session"], sort=False)["vhi_mm3"].mean() / 1000
    flags = {}
    if changes is not None and len(sessions) > 1:
        last = changes[changes["session"] == sessions[-1]].dropna(subset="flag")
        flags = dict(zip(last["subject"].astype(str), last["flag"].map(BEYOND), strict=True))
    rows = []
    for subject in dict.fromkeys(read["subject"]):
        row = [str(subject)]
        for session in sessions:
            value = mean.get((subject, session), np.nan)
            low, high = intervals.get((subject, session), (np.nan, np.nan))
            within = f" ({low:.2f} to {high:.2f})" if np.isfinite(low) else ""
            row.append(f"{value:.2f}{within}" if np.isfinite(value) else "")
        rows.append([*row, *([flags.get(str(subject), "")] if flags else [])])
    return ["subject", *sessions, *(["change"] if flags else [])], rows


def _intervals(uncertainty: pd.DataFrame | None) -> dict[tuple, tuple[float, float]]:
    """Ends of the interval of each subject and visit, ml."""
    if uncertainty is None:
        return {}
    found = {}
    for visit, rows in first_visits(uncertainty).groupby(["subject", "session"], sort=False):
        ends = np.array(visit_interval(rows, rows["limit_rule"].iloc[0]))
        with_size = rows[rows["high_voxels"].astype(float) > 0]
        if len(with_size) and np.isfinite(ends).all():
            voxel_mm3 = float(with_size["high_mm3"].iloc[0]) / float(with_size["high_voxels"].iloc[0])
            found[visit] = tuple(ends * voxel_mm3 / 1000)
    return found


def first_page(
    title: str,
    simulated: bool,
    top: Mapping,
    visits: tuple[list[str], list[list[str]]],
    parts: Sequence[Mapping],
    review: Sequence[Mapping],
    claims: Sequence[tuple[str, str]],
    results: Path,
) -> str:
    """Make the page; it needs nothing from elsewhere but what it links.

    Parameters
    ----------
    title : str
    simulated : bool
    top : mapping
        Of `vhi.report.top.top_of_report`.
    visits : (list of str, list of list of str)
        Of `visits_table`.
    parts : sequence of mapping
        Of `vhi.report.parts.parts_of`.
    review : sequence of mapping
        ``scan weight reasons`` of the page of all scans.
    claims : sequence of (str, str)
        Status and number of claims.
    results : Path
    """
    places = {item["path"]: (part["file"], item["label"]) for part in parts for item in part["items"]}
    pictures = [
        {"file": places[path][0], "label": places[path][1], "image": _thumbnail(results / path)}
        for path in PICTURES
        if path in places
    ][:3]
    waiting = [row for row in review if float(row["weight"]) > 0]
    files = {part["name"]: part["file"] for part in parts}
    lines = [
        (*line.removeprefix("**").split(":** ", 1),) for line in top["lines"] if not line.startswith("**Simulated")
    ]
    return render("report.html", title=title, simulated=simulated, top=top, lines=lines, subjects=len(visits[1]),
                  visits=data_of(*visits), parts=parts, pictures=pictures, waiting=waiting, scans=len(review),
                  claims=claims, files=files)  # fmt: skip


def _thumbnail(path: Path) -> str:
    """Give a picture at the size of the first page, as text."""
    picture = Image.open(path).convert("RGB")
    picture.thumbnail((WIDE, WIDE))
    buffer = io.BytesIO()
    picture.save(buffer, format="webp", quality=80)
    return base64.b64encode(buffer.getvalue()).decode()
