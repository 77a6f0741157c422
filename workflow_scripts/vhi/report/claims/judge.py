"""The numbers and conclusions that the paper prints, set beside ours.

A claim of ``config/paper/claims.tsv`` names a setting of the run, or its status, or has a function in `material`, `results`,
`readings` or `arithmetic`. Reproduced is only what was computed from images, headers, masks or tables of this run.
"""

from collections import Counter

import pandas as pd

from vhi.io.errors import InputError
from vhi.report.claims import arithmetic, material, readings, results, words  # noqa: F401 (they register their functions)
from vhi.report.claims.evidence import FINDINGS, Evidence, Finding

STATUSES = {
    words.REPRODUCED: "ours, computed from images, headers, masks or tables of this run, agrees",
    words.SAME: "the workflow is set as printed, which is no result",
    words.CONSISTENT: "follows from other printed numbers, which is no reproduction",
    words.DIFFERS: "ours, or the source that the paper cites, says another",
    words.CONTRADICTS: "the paper says two things, or what its authors published says another",
    words.AMBIGUOUS: "what is printed can be read in two ways, and the note says which reading fits",
    words.NOT_PUBLIC: "the data behind it are not in this copy of the public data",
    words.NOT_RUN: "needs networks trained by the paper's whole protocol (make paper-train PROTOCOL=paper)",
}
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
            return Finding(status=words.NOT_RUN)
        if claim["setting"] not in evidence.settings:
            known = ", ".join(evidence.settings)
            raise InputError(f"claim '{name}', column 'setting': unknown '{claim['setting']}'; known: {known}")
        note = evidence.settings["training"] if claim["setting"].startswith("training.") else claim["note"]
        return Finding(evidence.settings[claim["setting"]], note or "set so in this run", words.SETTINGS)
    if claim["status"]:
        return Finding(rests_on=words.NOTHING if claim["status"] == words.NOT_PUBLIC else words.WORDS)
    raise InputError(
        f"claim '{name}': nothing in vhi/claims judges it; name a setting or a status in claims.tsv, or take one of the known: "
        f"{', '.join(FINDINGS)}"
    )


def status_of(found: Finding, published: float | str, tolerance: float | None) -> str:
    """Say whether what was found agrees with the published value; without anything found, the data are not public."""
    value = found.implied if found.ours is None else found.ours
    if value is None:
        return words.NOT_PUBLIC
    agrees = _agrees(value, published, tolerance)
    if found.ours is None:
        return words.CONSISTENT if agrees else words.CONTRADICTS
    if found.rests_on == words.SETTINGS:
        return words.SAME if agrees else words.DIFFERS
    return words.REPRODUCED if agrees else words.DIFFERS


def _agrees(value, published, tolerance):
    if isinstance(value, str) or isinstance(published, str):
        return str(value) == str(published)
    # A printed number stands for an interval that is closed on both sides, and binary fractions fall short of it.
    return abs(value - published) <= (tolerance or 0) * (1 + 1e-9)


def headline(judged: pd.DataFrame) -> list[tuple[str, str, str]]:
    """Count claims by status, and those of a status by what they rest on.

    Returns
    -------
    list of (status, words, meaning)
        In the order of `STATUSES`, e.g. ``("reproduced", "20: 7 from images, 13 from headers", "ours, ...")``.
    """
    found = []
    for status, meaning in STATUSES.items():
        rests = Counter(judged.loc[judged["status"] == status, "rests_on"])
        parts = [f"{count} from {what}" for what, count in rests.most_common()]
        if len(parts) == 1:
            parts = [f"all from {what}" for what in rests]
        if status in (words.NOT_PUBLIC, words.NOT_RUN):
            parts = []
        if rests:
            found.append((status, f"{rests.total()}{': ' * bool(parts)}{', '.join(parts)}", meaning))
    return found
