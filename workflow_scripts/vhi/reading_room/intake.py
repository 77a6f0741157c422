"""What a reader handed in, checked: the record's form, its pack, and whether the preliminary segmentation is still that."""

import json
from pathlib import Path

import jsonschema
import numpy as np

from vhi.cleaning.records import check_seal, fingerprint
from vhi.inflammation import label_regions
from vhi.io.errors import InputError, naming
from vhi.io.images import read_mask

LARGEST_RECORD = 16_000_000  # bytes; a reading of 1,000 regions with 2,000 steps makes about 0.5 MB


def parse_record(content: bytes, schema: dict, known: dict | None = None) -> dict:
    """Read a record from bytes and check form and checksum.

    Parameters
    ----------
    content : bytes
        JSON in UTF-8.
    schema : dict
        ``config/schemas/record.schema.yaml``.
    known : dict, optional
        A record that was checked before: steps that both begin with are not checked again (each step of a reading is
        saved with all before it, and the form of 1,500 steps takes 0.2 s).

    Returns
    -------
    dict

    Raises
    ------
    InputError
        If it is too large, no JSON, not of the schema, or altered.
    """
    if len(content) > LARGEST_RECORD:
        raise InputError(f"expected a record of at most {LARGEST_RECORD} bytes, found {len(content)}")
    record = _json(content)
    validator = jsonschema.Draft202012Validator(schema)
    if not validator.is_valid(_unknown_part(record, known)):
        error = jsonschema.exceptions.best_match(validator.iter_errors(record))
        place = ".".join(str(part) for part in error.absolute_path) or "the whole"
        raise InputError(f"not a cleaning record at '{place}': {error.message[:200]}; export it again from the page")
    check_seal(record)
    return record


def parse_head(content: bytes) -> dict:
    """Read what a list of readings shows of a record: JSON and checksum are checked, the form of each step is not.

    Returns
    -------
    dict
        ``pack`` (None where it cannot be told), ``checksum``, ``finished`` and the number of ``steps``; or ``pack`` and,
        where it is no record or altered, the ``damage``.
    """
    pack = None
    try:
        record = _json(content)
        pack = record["pack"]
        check_seal(record)
        return {key: record[key] for key in ("pack", "checksum", "finished")} | {"steps": len(record["steps"])}
    except InputError as error:
        return {"pack": pack, "damage": str(error)}
    except (AttributeError, KeyError, TypeError):
        return {"pack": pack, "damage": "expected a cleaning record, found other JSON; export it again from the page"}


def _json(content: bytes) -> object:
    try:
        return json.loads(content.decode("utf-8"))
    except (ValueError, RecursionError):
        raise InputError(
            "expected a cleaning record (JSON), found something else; export it again from the page"
        ) from None


def _unknown_part(record: object, known: dict | None) -> object:
    """Give the record without the steps of `known`, where it begins with them."""
    steps = record.get("steps") if known and isinstance(record, dict) else None
    if not isinstance(steps, list) or not identical(steps[: len(known["steps"])], known["steps"][: len(steps)]):
        return record
    return record | {"steps": steps[len(known["steps"]) :]}


def identical(one: object, other: object) -> bool:
    """Whether two values are the same JSON: unlike ==, this tells true from 1 and 1 from 1.0."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def read_record(path: str | Path, schema: dict, known: dict | None = None) -> dict:
    """Read a record from a file; see `parse_record`."""
    with naming(path):
        return parse_record(Path(path).read_bytes(), schema, known)


def check_handed_in(
    record: dict, preliminary: np.ndarray, key: list[dict], slice_axis: int | None = None, connectivity: int = 8
) -> None:
    """Raise `InputError` unless a record is finished, belongs to the reading, and to its current segmentation.

    Parameters
    ----------
    record : dict
    preliminary : (slices, rows, columns) array
        The current one.
    key : list of dict
        The key's rows of the reading, with the file (``kept``) of the segmentation that each showed, to say what changed.
    slice_axis : int, optional
        As in `images.read_mask`.
    connectivity : int
        Of regions within a slice.
    """
    if record["finished"] is None:
        raise InputError("the reading is not finished; finish it in the page, and hand in the record of that")
    link = next((row for row in key if row["pack"] == record["pack"]), None)
    if link is None:
        raise InputError("its pack is none of this reading's in the study's key; was it handed in for another reading?")
    if fingerprint(preliminary) != link["preliminary"]:
        kept = Path(link["kept"])
        before = read_mask(kept, (0, 1, 2), slice_axis).volume if kept.is_file() else None
        raise InputError(
            f"reading {link['code']} of reader {link['reader']} is stale, the preliminary segmentation has changed since: "
            + what_changed(before, preliminary, connectivity)
            + "; make new packs (make packs) and read this one again"
        )


def state_of(
    reading: dict, preliminary: str | Path, schema: dict, slice_axis: int | None = None, connectivity: int = 8
) -> tuple[str, str, dict | None]:
    """Say how far a reading is.

    Parameters
    ----------
    reading : dict
        ``vhi_voxels``, ``mask`` and ``draft`` (what was handed in, or begun), and the ``key``'s rows of it.
    preliminary : str or Path
        File of the current preliminary segmentation.
    schema : dict
        Of a record.
    slice_axis, connectivity : int
        As in `check_handed_in`.

    Returns
    -------
    state : str
        ``done``, ``open``, ``begun``, ``stale`` or ``refused``.
    what : str
        What is to be said of it.
    record : dict or None
    """
    path = reading["mask"] or reading["draft"]
    if reading["vhi_voxels"] is not None and reading["mask"] is None:
        return "done", "a published count stands in", None
    if path is None:
        return "open", "", None
    if not path.endswith(".json"):
        return "done", "a mask", None
    try:
        record = read_record(path, schema)
        if record["finished"] is None:
            return "begun", f"{len(record['steps'])} steps", record
        now = read_mask(preliminary, (0, 1, 2), slice_axis).volume
        check_handed_in(record, now, reading["key"], slice_axis, connectivity)
        return "done", "", record
    except InputError as error:
        return "stale" if " is stale, " in str(error) else "refused", str(error), None


def what_changed(before: np.ndarray | None, now: np.ndarray, connectivity: int = 8) -> str:
    """Say in words how one preliminary segmentation became another."""
    if before is None:
        return "the one it was made from is not kept in the key"
    if before.shape != now.shape:
        return f"the grid was {before.shape}, now {now.shape}"
    old, new = before > 0, now > 0
    old_regions, old_count = label_regions(before, connectivity)
    new_count = label_regions(now, connectivity)[1]
    touched = np.unique(old_regions[old & (before != now)]).size
    return (
        f"{np.count_nonzero(new & ~old)} voxels came, {np.count_nonzero(old & ~new)} went, "
        f"{np.count_nonzero(old & new & (before != now))} have another label; {touched} of {old_count} regions are touched, "
        f"there are {new_count} now"
    )
