"""What gave a result: versions, configuration, inputs and code by hash."""

import platform
from collections.abc import Iterable, Mapping
from importlib import metadata
from pathlib import Path

import pandas as pd

from vhi.io.hashes import checksum_lines, sha256, sha256_of_file


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


def _installed(package: str) -> str:
    if package == "python":
        return platform.python_version()
    name = {"pytorch": "torch", "matplotlib-base": "matplotlib"}.get(package, package)
    try:
        return metadata.version(name).split("+")[0]
    except metadata.PackageNotFoundError:
        return ""
