"""Pretrained ensembles by name: where their members are, and what each must hash to.

Like `vhi.study.load`, this module needs only what Snakemake itself brings.
"""

import difflib
from pathlib import Path

import jsonschema
import yaml

from vhi.io.errors import InputError
from vhi.study.rows import read_schema

ROOT = Path(__file__).parents[3]  # whose config/schemas say what a registry may hold
OWN = ("files", "trained")
"""Sources of an ensemble that are not names of the registry."""


def ensemble_of(source: str, *registries: Path) -> list[dict]:
    """Find the members of a pretrained ensemble.

    Parameters
    ----------
    source : str
        ``ensemble.source`` of the config.
    *registries : Path
        Files that may be absent; a later one replaces names of an earlier one.

    Returns
    -------
    list of dict
        ``file url sha256`` of each member; empty where the source is not a name of a registry.

    Raises
    ------
    InputError
        If the name is unknown or a registry is damaged.
    """
    if source in OWN:
        return []
    known = {}
    for path in registries:
        known |= _read(path)
    if source not in known:
        near = difflib.get_close_matches(source, [*known, *OWN], n=1)
        raise InputError(
            f"ensemble.source: unknown ensemble '{source}'"
            + (f"; did you mean '{near[0]}'?" if near else "")
            + f" Known: {', '.join([*OWN, *sorted(known)])} ({', '.join(map(str, registries))})"
        )
    return known[source]["members"]


def _read(path: Path) -> dict:
    if not path.is_file():
        return {}
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        raise InputError(f"{path}: cannot be read as YAML: {' '.join(str(error).split())}") from None
    error = jsonschema.exceptions.best_match(
        jsonschema.Draft202012Validator(read_schema(ROOT, "ensembles")).iter_errors(content)
    )
    if error is not None:
        key = ".".join(str(part) for part in error.absolute_path)
        raise InputError(
            f"{path}: key '{key}': {' '.join(error.message.split())[:200]}; expected name: {{about, members: [{{file, url, sha256}}]}}"
        )
    for name, ensemble in content.items():
        files = [member["file"] for member in ensemble["members"]]
        if len(set(files)) < len(files):
            raise InputError(f"{path}: ensemble '{name}' names a file twice; list each trained network once")
    return content
