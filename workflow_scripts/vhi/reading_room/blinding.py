"""Codes, order and geometry of packs: a reader learns which scan is which from nothing that we write."""

import secrets
import zlib
from dataclasses import replace

import numpy as np
import pandas as pd

from vhi.io.errors import InputError
from vhi.io.images import Image
from vhi.io.orientation import Order


def extended_key(key: list[dict], wanted: list[dict], seed: int, reader: str) -> list[dict]:
    """Add rows to a reader's part of the key until every wanted reading of a current segmentation has its pack.

    A reading keeps its code for good. It gets a new random pack id whenever its preliminary segmentation is a new one.

    Parameters
    ----------
    key : list of dict
        ``pack code reader trial scan preliminary``, as it stands.
    wanted : list of dict
        ``trial scan preliminary`` of the readings, in any order.
    seed : int
        Of the order of new codes.
    reader : str

    Returns
    -------
    list of dict
        The key with the new rows at its end.
    """
    key = list(key)
    code_of = {(row["scan"], row["trial"]): row["code"] for row in key}
    last = max((int(code) for code in code_of.values()), default=0)
    new = sorted((row["trial"], row["scan"]) for row in wanted if (row["scan"], row["trial"]) not in code_of)
    random = np.random.default_rng([seed, zlib.crc32(reader.encode()), last])
    for trial, scan in _spread(new, random):
        last += 1
        code_of[scan, trial] = f"{last:02d}"
    known = {(row["scan"], row["trial"], row["preliminary"]) for row in key}
    for row in sorted(wanted, key=lambda row: code_of[row["scan"], row["trial"]]):
        if (row["scan"], row["trial"], row["preliminary"]) not in known:
            code = code_of[row["scan"], row["trial"]]
            key.append({"pack": secrets.token_hex(16), "code": code, "reader": reader, **row})
    return key


def _spread(new: list[tuple[int, str]], random: np.random.Generator) -> list[tuple[int, str]]:
    """Put new readings in a random order, the second trial of a scan at least a third of the list after its first.

    Second trials come after all first ones where they are more than a third, and where the first was read before.
    """
    numbers = sorted({trial for trial, _ in new})
    trials = [[scan for number, scan in new if number == trial] for trial in numbers]
    third = len(new) // 3
    twice = [scan for scan in trials[1] if scan in trials[0]] if len(trials) == 2 else []
    if not twice or len(twice) < len(trials[1]) or len(twice) > third:
        return [
            (n, scan) for n, scans in zip(numbers, trials, strict=True) for scan in random.permutation(scans).tolist()
        ]
    places: list[tuple[int, str] | None] = [None] * len(new)
    for trial, begin in zip(numbers, (0, len(new) - third), strict=True):
        for place, scan in zip(begin + random.permutation(third), random.permutation(twice).tolist(), strict=False):
            places[place] = (trial, scan)
    once = iter(random.permutation([scan for scan in trials[0] if scan not in twice]).tolist())
    return [place or (numbers[0], next(once)) for place in places]


def current_rows(key: list[dict], wanted: list[dict]) -> list[dict]:
    """Rows of the key that link the wanted readings to their current segmentation, in order of the codes."""
    now = {(row["scan"], row["trial"], row["preliminary"]) for row in wanted}
    rows = [row for row in key if (row["scan"], row["trial"], row["preliminary"]) in now]
    return sorted(rows, key=lambda row: int(row["code"]))


def sparcc_order(codes: list[str], seed: int, reader: str) -> list[str]:
    """Order in which a reader scores the same scans: random, and another than that of the packs."""
    return np.random.default_rng([seed, zlib.crc32(reader.encode()), 7]).permutation(sorted(codes)).tolist()


def unblinded(sheet: pd.DataFrame, key: list[dict], reader: str) -> pd.DataFrame:
    """Put scans in place of codes in a SPARCC sheet that came back; rows without a single score are left out.

    Parameters
    ----------
    sheet : DataFrame
        Of text: ``scan`` (a code, with or without leading zeros), ``slice side q1 ...``.
    key : list of dict
        The reader's part of the key.
    reader : str

    Returns
    -------
    DataFrame
        As ``sparcc_sheets.tsv`` wants it.

    Raises
    ------
    InputError
        If a code is not in the key.
    """
    scan_of = {int(row["code"]): row["scan"] for row in key}
    filled = sheet[(sheet[["q1", "q2", "q3", "q4", "depth", "intensity"]] != "").any(axis=1)]
    for number, code in filled["scan"].items():
        if not str(code).isdigit() or int(code) not in scan_of:
            raise InputError(
                f"row {number + 2}: '{code}' is no code of reader {reader}; take them from sparcc_reading_list.tsv"
            )
    return filled.assign(scan=[scan_of[int(code)] for code in filled["scan"]], reader=reader)


def blind_image(image: Image, slice_axis: int | None = None) -> Image:
    """Put an image on a grid that only says its spacing: straight coronal slices around the origin.

    The true place and tilt of a scan tell it apart as surely as its name does.

    Parameters
    ----------
    image : Image
    slice_axis : int, optional
        The stored axis that counts slices; by default the last.

    Returns
    -------
    Image
        The same volume; `affine` from (slice, row, column) to mm, `order` without flips.
    """
    slices, rows, columns = image.spacing_mm
    affine = np.zeros((4, 4))
    affine[1, 0], affine[2, 1], affine[0, 2], affine[3, 3] = -slices, -rows, -columns, 1
    affine[:3, 3] = -affine[:3, :3] @ ((np.array(image.volume.shape) - 1) / 2)
    place = 2 if slice_axis is None else slice_axis
    row_axis, column_axis = [axis for axis in (1, 0, 2) if axis != place][:2]
    return replace(image, affine=affine, order=Order((place, row_axis, column_axis), (False, False, False)))


def stored_affine(image: Image) -> np.ndarray:
    """Give the affine of the stored axes of a blinded image."""
    affine = np.eye(4)
    affine[:3, 3] = image.affine[:3, 3]
    for presented, stored in enumerate(image.order.axes):
        affine[:3, stored] = image.affine[:3, presented]
    return affine
