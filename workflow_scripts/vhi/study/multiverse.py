"""The multiverse of a study: keys of its config with the values that each might take, checked, and every universe they make."""

import difflib
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product
from pathlib import Path

import jsonschema

from vhi.io.errors import InputError
from vhi.study.config import check_config, read_yaml, with_defaults
from vhi.study.rows import allowed, read_schema

LIMIT_KEYS = ("limits.rule", "limits.n_start", "limits.n_step", "limits.iqr_share")
REGION_KEYS = ("small_regions.minimum_pixels", "small_regions.connectivity")
FILED = ("disease_region.source", "limits.shading", *LIMIT_KEYS, *REGION_KEYS)
"""Axes whose values make files of their own: with a further value only files that are new are made."""
BOTH = ("normal_marrow.exclude_from_disease_region", "limits.vhi")
"""Axes of two values, which every such file holds."""
SEGMENTING = (*FILED, *BOTH)
ANALYSING = (
    "response.reader", "statistics.vhi_unit", "statistics.scale", "statistics.truncate_quantile", "response.clinical_rule",
    "response.session",
)  # fmt: skip
AXES = (*SEGMENTING, *ANALYSING)
MOST = 20_000


@dataclass(frozen=True)
class Multiverse:
    """Open choices of a study.

    Attributes
    ----------
    axes : dict of list
        Values by config key.
    base : dict
        Value of every key of `AXES` in the study's config.
    excluded : list of dict of list
        A universe that fits every key of one entry is left out.
    heat_map : list of str, optional
        The two axes of the heat map.
    """

    axes: dict[str, list]
    base: dict
    excluded: list[dict[str, list]] = field(default_factory=list)
    heat_map: list[str] | None = None

    @cached_property
    def universes(self) -> list[dict]:
        """Every combination that is not excluded, with a value for each key of `AXES`."""
        grid = (dict(zip(self.axes, values, strict=True)) for values in product(*self.axes.values()))
        return [
            self.base | chosen
            for chosen in grid
            if not any(all(chosen[key] in values for key, values in one.items()) for one in self.excluded)
        ]

    @property
    def segmenting(self) -> list[str]:
        """Axes that change a segmentation."""
        return [key for key in self.axes if key in SEGMENTING]


def masks_name(universe: dict, group: str) -> str:
    """Name of the file with the voxel numbers of a universe, for a group of scans; what a rule does not use is no part of it.

    Examples
    --------
    >>> universe = dict(zip(FILED, ("ensemble", "none", "patch_tail", 1.5, 0.05, 0.5, 4, 8)))
    >>> masks_name(universe, "both")
    'both/none_patch_tail_4_8'
    >>> masks_name(universe | {"limits.rule": "paper"}, "both")
    'both/none_paper_1.5_0.05_0.5_4_8'
    """
    keys = LIMIT_KEYS if universe["limits.rule"] == "paper" else LIMIT_KEYS[:1]
    values = [universe[key] for key in ("limits.shading", *keys, *REGION_KEYS)]
    return f"{group}/" + "_".join(f"{value:g}" if isinstance(value, int | float) else value for value in values)


def value_of(config: dict, key: str) -> object:
    """Value of a dotted key."""
    for part in key.split("."):
        config = config[part]
    return config


def read_multiverse(folder: Path, root: Path, config: dict) -> Multiverse | None:
    """Read and check ``multiverse.yaml`` of a study; None where it has none.

    Parameters
    ----------
    folder, root : Path
        Of the study, and of the repository.
    config : dict
        The study's config, complete.

    Raises
    ------
    InputError
        With the axis, what was found and what is allowed.
    """
    path, schema = folder / "multiverse.yaml", read_schema(root, "multiverse")
    base = {key: value_of(config, key) for key in AXES}
    if base["response.reader"] not in ("mean", *config["readers"]):
        raise InputError(
            f"{folder / 'config.yaml'}: key 'response.reader': found {base['response.reader']!r}; allowed: "
            + ", ".join(("mean", *config["readers"]))
        )
    if not path.is_file():
        return None
    given = read_yaml(path)
    check_config(given, schema, path)
    given = with_defaults(given, schema)
    for key, values in given["axes"].items():
        _check_axis(path, key, values, read_schema(root, "config"), config)
    for one in given["excluded"]:
        for key, value in one.items():
            one[key] = value if isinstance(value, list) else [value]
            _check_known(path, "excluded", key, given["axes"])
            for unknown in [value for value in one[key] if value not in given["axes"][key]]:
                raise InputError(
                    f"{path}: excluded: {key}: found {unknown!r}; allowed: the values of that axis, "
                    + ", ".join(map(str, given["axes"][key]))
                )
    for key in given["heat_map"] or []:
        _check_known(path, "heat_map", key, given["axes"])
    found = Multiverse(base=base, **given)
    if not 1 < len(found.universes) <= MOST:
        raise InputError(
            f"{path}: expected 2 to {MOST:,} universes, found {len(found.universes):,}; change the axes or what is excluded"
        )
    return found


def _check_known(path: Path, where: str, key: str, known: dict | tuple) -> None:
    if key not in known:
        near = difflib.get_close_matches(key, list(known), n=1)
        raise InputError(
            f"{path}: {where}: unknown axis '{key}'"
            + (f"; did you mean '{near[0]}'?" if near else "")
            + f" Known: {', '.join(known)}"
        )


def _check_axis(path: Path, key: str, values: list, schema: dict, config: dict) -> None:
    _check_known(path, "axes", key, AXES)
    for part in key.split("."):
        schema = schema["properties"][part]
    named = {"response.reader": ["mean", *config["readers"]], "response.session": config["sessions"][1:]}
    if key in named:
        schema = {"enum": named[key]}
    for value in values:
        if not jsonschema.Draft202012Validator(schema).is_valid(value):
            raise InputError(f"{path}: axes: {key}: found {value!r}; allowed: {allowed(schema)}")
