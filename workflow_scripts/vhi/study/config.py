"""The config of a study: a variant laid over it, defaults filled in, every key checked."""

import copy
import difflib
from pathlib import Path

import jsonschema
import yaml

from vhi.io.errors import InputError
from vhi.region.by_command import check_command
from vhi.region.protocols import AS_THE_PAPER, AVERAGED
from vhi.study.rows import allowed


def read_config(folder: Path, variant: str, schema: dict) -> dict:
    """Read a study's config, lay the variant over it, fill in defaults and check both against the schema."""
    path = folder / "config.yaml"
    config = read_yaml(path)
    check_config(config, schema, path)
    if variant:
        overlay = folder / "variants" / f"{variant}.yaml"
        if not overlay.is_file():
            known = sorted(found.stem for found in (folder / "variants").glob("*.yaml")) or ["none"]
            raise InputError(f"no variant '{variant}': {overlay} does not exist; variants: {', '.join(known)}")
        laid_over = read_yaml(overlay)
        config = overlaid(config, laid_over)
        check_config(config, schema, overlay)
    config = averaging_settled(with_defaults(config, schema))
    if config["disease_region"]["source"] == "command":
        check_command(config["disease_region"]["command"], str(path))
    return config


def overlaid(config: dict, overlay: dict) -> dict:
    """Lay one nested dict over another: mappings merge, everything else is replaced."""
    out = copy.deepcopy(config)
    for key, value in overlay.items():
        both = isinstance(value, dict) and isinstance(out.get(key), dict)
        out[key] = overlaid(out[key], value) if both else copy.deepcopy(value)
    return out


def with_defaults(config: dict, schema: dict) -> dict:
    """Fill in the schema's defaults, at every depth."""
    out = dict(config)
    for key, rule in schema.get("properties", {}).items():
        if key not in out and "default" in rule:
            out[key] = copy.deepcopy(rule["default"])
        if isinstance(out.get(key), dict):
            out[key] = with_defaults(out[key], rule)
    return out


def averaging_settled(config: dict) -> dict:
    """Say what predictions average where a complete config leaves it open (null): it goes by where the networks come from."""
    trained = config["ensemble"]["source"] == "trained" and config["training"]["protocol"] != "paper"
    settled = {key: value for key, value in config["ensemble"].items() if value is not None or key not in AVERAGED}
    return config | {"ensemble": copy.deepcopy(AVERAGED if trained else AS_THE_PAPER) | settled}


def read_yaml(path: Path) -> dict:
    """Read a YAML file of keys and values; an empty one has none."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, ValueError, OverflowError) as error:  # the latter two of escapes that are no character
        raise InputError(f"{path}: cannot be read as YAML: {' '.join(str(error).split())}") from None
    if content is None:
        content = {}
    if not isinstance(content, dict):
        raise InputError(f"{path}: expected keys and values, found {type(content).__name__}")
    return content


def check_config(config: dict, schema: dict, path: Path) -> None:
    """Check keys and values against a schema; `InputError` with key, what was found and what is allowed."""
    _check_finite(config, path)
    error = jsonschema.exceptions.best_match(jsonschema.Draft202012Validator(schema).iter_errors(config))
    if error is None:
        return
    key = ".".join(str(part) for part in error.absolute_path)
    if error.validator == "additionalProperties":
        known = list(error.schema["properties"])
        unknown = next(name for name in error.instance if name not in known)
        near = difflib.get_close_matches(str(unknown), known, n=1)
        full = f"{key}.{unknown}" if key else unknown
        if gone := error.schema.get("x-gone", {}).get(unknown):
            raise InputError(f"{path}: key '{full}' is gone: {gone}")
        raise InputError(
            f"{path}: unknown key '{full}'"
            + (f"; did you mean '{near[0]}'?" if near else "")
            + f" Known: {', '.join(known)}"
        )
    if error.validator == "required":
        missing = [name for name in error.validator_value if name not in error.instance]
        raise InputError(f"{path}: missing key '{'.'.join(filter(None, [key, missing[0]]))}'")
    raise InputError(f"{path}: key '{key}': found {error.instance!r}; allowed: {allowed(error.schema)}")


def _check_finite(config: dict, path: Path, prefix: str = "") -> None:
    for key, value in config.items():
        if isinstance(value, dict):
            _check_finite(value, path, f"{prefix}{key}.")
        elif isinstance(value, float) and not abs(value) < float("inf"):
            raise InputError(f"{path}: key '{prefix}{key}': found {value}; allowed: a finite number")
