"""What gave a result: versions, configuration, inputs and code by hash."""

import html
import platform
from collections.abc import Iterable, Mapping
from importlib import metadata
from pathlib import Path

import pandas as pd

from vhi.io.hashes import checksum_lines, sha256, sha256_of_file
from vhi.report.pages import STYLE


def hashes(files: Iterable[tuple[str, str, str]]) -> pd.DataFrame:
    """Hash files.

    Parameters
    ----------
    files : iterable of (role, name, path)
        `name` is how the file is called where it may be read, `path` where it is.

    Returns
    -------
    DataFrame
        ``role path sha256 bytes``.
    """
    rows = [(role, name, sha256_of_file(path), Path(path).stat().st_size) for role, name, path in files]
    return pd.DataFrame(rows, columns=["role", "path", "sha256", "bytes"])


def one_hash(table: pd.DataFrame) -> str:
    """One SHA-256 for many files: of their names and hashes, sorted by name."""
    return sha256(checksum_lines(sorted(zip(table["path"], table["sha256"], strict=True), key=lambda file: file[::-1])))


def versions(environments: Mapping[str, dict]) -> pd.DataFrame:
    """Versions that each conda environment pins, beside those that are installed where this runs.

    Parameters
    ----------
    environments : mapping of dict
        Content of each environment file, by its name.

    Returns
    -------
    DataFrame
        ``package pinned installed environments``; `installed` is empty where this environment lacks the package.
    """
    pinned: dict[tuple[str, str], list[str]] = {}
    for name, content in environments.items():
        for line in content["dependencies"]:
            package, _, version = line.partition(" =")
            pinned.setdefault((package, version), []).append(name)
    rows = [
        (package, version, _installed(package), ", ".join(sorted(names)))
        for (package, version), names in sorted(pinned.items())
    ]
    return pd.DataFrame(rows, columns=["package", "pinned", "installed", "environments"])


def settings(config: Mapping, defaults: Mapping, prefix: str = "") -> pd.DataFrame:
    """Every key of the config that was used, beside its default.

    Returns
    -------
    DataFrame
        ``key value default changed``; values as text.
    """
    rows = []
    for key, value in config.items():
        default = defaults.get(key) if isinstance(defaults, Mapping) else None
        if isinstance(value, Mapping):
            rows += settings(value, default or {}, f"{prefix}{key}.").values.tolist()
        else:
            rows.append([f"{prefix}{key}", str(value), str(default), "yes" if value != default else "no"])
    return pd.DataFrame(rows, columns=["key", "value", "default", "changed"])


MOST_ROWS = 2000
"""Of each table on the sheet, so that the report can open it."""


def sheet_page(heading: str, facts: Mapping[str, str], parts: Mapping[str, pd.DataFrame]) -> str:
    """Make a page of facts and tables that needs nothing from elsewhere; of long tables the first rows."""
    body = "".join(
        f"<tr><th>{html.escape(name)}</th><td>{html.escape(value)}</td></tr>" for name, value in facts.items()
    )
    body = f"<table>{body}</table>"
    for title, frame in parts.items():
        head = "".join(f"<th>{html.escape(column)}</th>" for column in frame.columns)
        rows = "\n".join(
            "<tr>" + "".join(f"<td>{html.escape(str(cell))}</td>" for cell in row) + "</tr>"
            for row in frame.head(MOST_ROWS).fillna("").itertuples(index=False)
        )
        body += f"<h2>{html.escape(title)}</h2>\n<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>\n"
        if len(frame) > MOST_ROWS:
            body += f"<p>The first {MOST_ROWS:,} of {len(frame):,} rows; the tables beside this page have all.</p>\n"
    wrap = "td { overflow-wrap: anywhere; }"
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{html.escape(heading)}</title>'
        f"<style>{STYLE}{wrap}</style></head><body>\n<h1>{html.escape(heading)}</h1>\n{body}</body></html>\n"
    )


def _installed(package: str) -> str:
    if package == "python":
        return platform.python_version()
    try:
        return metadata.version({"pytorch": "torch", "matplotlib-base": "matplotlib"}.get(package, package)).split("+")[
            0
        ]
    except metadata.PackageNotFoundError:
        return ""
