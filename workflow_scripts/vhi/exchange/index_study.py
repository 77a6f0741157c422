"""Texts of a new study: its config and tables, from those of config/template."""

import json


def with_settings(text: str, title: str, data: str, resample: bool, drawn: bool) -> str:
    """Put a study's own title, data folder and sources into the template's config.

    Parameters
    ----------
    text : str
        Of config/template/config.yaml.
    title, data : str
    resample : bool
        Whether a STIR lies on another grid than its T1w.
    drawn : bool
        Whether every scan has a disease region; where not, the published ensemble finds it.

    Returns
    -------
    str
    """
    lines = []
    for line in text.splitlines():
        if line.startswith("title:"):
            line = f"title: {json.dumps(title, ensure_ascii=False)}"
        elif line.startswith("data:"):
            line = f"data: {json.dumps(data, ensure_ascii=False)}"
        elif line.startswith("  source:") and not drawn:
            line = "  source: published"
        elif line.startswith("  resample:"):
            line = f"  resample: {str(resample).lower()}"
        lines.append(line)
    return "\n".join(lines) + "\n"


def template_without_rows(text: str) -> str:
    """Keep the comments and the header of a table of the template."""
    lines = text.splitlines()
    header = next(place for place, line in enumerate(lines) if line and not line.startswith("#"))
    return "\n".join(lines[: header + 1]) + "\n"


def open_readings(text: str, rows: list[dict], readers: tuple[str, ...] = ("R1", "R2")) -> str:
    """Make open semi-automatic readings of every scan; commented out until its STIR and normal marrow are there.

    Parameters
    ----------
    text : str
        Of the template's readings.tsv.
    rows : list of dict
        ``scan stir normal_bone``.
    readers : tuple of str
        Of the template's config.
    """
    head = template_without_rows(text)
    columns = head.splitlines()[-1].split("\t")
    lines = []
    for row in rows:
        for reader in readers:
            cells = {"scan": row["scan"], "reader": reader, "trial": "1", "method": "semiautomatic"}
            ready = row["stir"] and row["normal_bone"]
            lines.append(("" if ready else "# ") + "\t".join(cells.get(column, "") for column in columns))
    return head + "".join(f"{line}\n" for line in lines)
