"""Every number and conclusion that the paper prints, set beside ours.

A claim of ``config/paper/claims.tsv`` names a setting of the run, or its status, or has a function in `material`, `results`
or `arithmetic`. Reproduced is only what was computed from images, headers, masks or tables of this run.
"""

from collections import Counter

import pandas as pd

from vhi.claims import arithmetic, material, results  # noqa: F401 (they register their functions)
from vhi.claims.evidence import (
    AMBIGUOUS,
    CONSISTENT,
    CONTRADICTS,
    DIFFERS,
    FINDINGS,
    NOT_PUBLIC,
    NOT_RUN,
    NOTHING,
    REPRODUCED,
    SAME,
    SETTINGS,
    UNTRAINED,
    WORDS,
    Evidence,
    Finding,
)
from vhi.errors import InputError

STATUSES = (REPRODUCED, SAME, CONSISTENT, DIFFERS, CONTRADICTS, AMBIGUOUS, NOT_PUBLIC, NOT_RUN)
ABSENT = (NOTHING, UNTRAINED)
COLUMNS = [
    *("id", "section", "statement", "published", "printed", "ours", "implied", "tolerance"),
    *("status", "rests_on", "note"),
]


def judge(claims: pd.DataFrame, evidence: Evidence) -> pd.DataFrame:
    """Set our number beside every claim.

    Parameters
    ----------
    claims : DataFrame
        Columns of ``config/schemas/claims.schema.yaml``.
    evidence : Evidence

    Returns
    -------
    DataFrame
        Columns `COLUMNS`; status is one of `STATUSES`.

    Raises
    ------
    InputError
        If nothing judges a claim, or if it is checked against a claim that is missing or not a number.
    """
    return pd.DataFrame([_row(claim, evidence) for claim in claims.to_dict("records")], columns=COLUMNS, dtype=object)


def _row(claim, evidence):
    claim = {key: None if pd.isna(value) else value for key, value in claim.items()}
    found = _found(claim, evidence)
    status = claim["status"] or found.status or status_of(found, claim["published"], claim["tolerance"])
    return claim | {
        "printed": claim["printed"] or "yes",
        "ours": found.ours,
        "implied": found.implied,
        "status": status,
        "rests_on": found.rests_on,
        "note": found.note or claim["note"] or "",
    }


def _found(claim, evidence):
    name = claim["id"]
    if name in FINDINGS:
        try:
            return FINDINGS[name](evidence)
        except KeyError as error:
            raise InputError(
                f"claim '{name}' is checked against claim {error}, which claims.tsv lacks: add it"
            ) from error
        except TypeError as error:
            raise InputError(
                f"claim '{name}' is checked against numbers, found words in claims.tsv: {error}"
            ) from error
    if claim["setting"]:
        if not evidence.settings:
            return Finding(status=NOT_RUN)
        if claim["setting"] not in evidence.settings:
            known = ", ".join(evidence.settings)
            raise InputError(f"claim '{name}', column 'setting': unknown '{claim['setting']}'; known: {known}")
        return Finding(evidence.settings[claim["setting"]], "set so in this run", SETTINGS)
    if claim["status"]:
        return Finding(rests_on=NOTHING if claim["status"] == NOT_PUBLIC else WORDS)
    raise InputError(
        f"claim '{name}': nothing in vhi/claims judges it; name a setting or a status in claims.tsv, or take one of the known: "
        f"{', '.join(FINDINGS)}"
    )


def status_of(found: Finding, published: float | str, tolerance: float | None) -> str:
    """Say whether what was found agrees with the published value; without anything found, the data are not public."""
    value = found.implied if found.ours is None else found.ours
    if value is None:
        return NOT_PUBLIC
    agrees = _agrees(value, published, tolerance)
    if found.ours is None:
        return CONSISTENT if agrees else CONTRADICTS
    if found.rests_on == SETTINGS:
        return SAME if agrees else DIFFERS
    return REPRODUCED if agrees else DIFFERS


def _agrees(value, published, tolerance):
    if isinstance(value, str) or isinstance(published, str):
        return str(value) == str(published)
    # A printed number stands for an interval that is closed on both sides, and binary fractions fall short of it.
    return abs(value - published) <= (tolerance or 0) * (1 + 1e-9)


def headline(judged: pd.DataFrame) -> list[tuple[str, str]]:
    """Count claims by status, and those of a status by what they rest on.

    Returns
    -------
    list of (status, words)
        In the order of `STATUSES`, e.g. ``("reproduced", "20: 7 from images, 13 from headers")``.
    """
    found = []
    for status in STATUSES:
        rests = Counter(judged.loc[judged["status"] == status, "rests_on"])
        if rests:
            parts = ", ".join(f"{count} from {what}" for what, count in rests.most_common() if what not in ABSENT)
            found.append((status, f"{rests.total()}{': ' * bool(parts)}{parts}"))
    return found
