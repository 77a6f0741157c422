"""Clinical response by named rules, from the indices of a subject before and after treatment (paper, section 2.3)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import pandas as pd

from vhi.statistics.clinical import BASDAI_ITEMS, disease_activity
from vhi.statistics.responders import proportion
from vhi.statistics.values import SESSIONS, follow_ups

COUNTS = ["session", "rule", "definition", "responders", "n", "undefined", "share", "ci_low", "ci_high"]
INDICES = ("basdai", "asdas", "spinal_vas_cm")
TOLERANCE = 1e-6  # indices are sums of decimals: 2.4 - 1.3 is a fall of 1.1, though not in binary fractions

BASDAI_FALL, SPINAL_FALL_CM = 1.2, 1  # the paper's rule: at least so much, of both
HALF = 0.5  # share of its baseline to which BASDAI falls (BASDAI 50)
ASDAS_FALL, ASDAS_INACTIVE = 1.1, 1.3  # at least, and below


@dataclass(frozen=True)
class Rule:
    """A rule of response.

    Attributes
    ----------
    definition : str
        In words, as tables and the methods paragraph print it.
    met : dict of str to callable
        By index, whether its values before and after treatment meet the rule. All have to; without one of the indices, the rule
        says nothing.
    only_after : bool
        Whether the indices after treatment are enough.
    """

    definition: str
    met: dict[str, Callable[[float, float], bool]]
    only_after: bool = False


def fell(before: float, after: float, by: float) -> bool:
    """Say whether an index fell by at least so much, binary fractions forgiven.

    Examples
    --------
    >>> fell(2.4, 1.3, 1.1), fell(2.4, 1.31, 1.1)
    (True, False)
    """
    return before - after >= by - TOLERANCE


def halved(before: float, after: float) -> bool:
    """Say whether an index fell to half of its baseline or below; a baseline of 0 cannot fall."""
    return before > 0 and after <= HALF * before + TOLERANCE


RULES = {
    "paper2023": Rule(
        "BASDAI fall of at least 1.2 and spinal pain fall of at least 1 cm",
        {"basdai": partial(fell, by=BASDAI_FALL), "spinal_vas_cm": partial(fell, by=SPINAL_FALL_CM)},
    ),
    "nice_ta383": Rule(
        "BASDAI fall to half or by at least 2, and spinal pain fall of at least 2 cm",
        {"basdai": lambda *both: halved(*both) or fell(*both, by=2), "spinal_vas_cm": partial(fell, by=2)},
    ),
    "basdai50": Rule("BASDAI fall of at least 50 %", {"basdai": halved}),
    # ASSUME at least 1.1, as ASAS defines it (Machado 2011); the paper prints "> 1.1".
    "asdas_cii": Rule(
        "ASDAS fall of at least 1.1 (clinically important improvement)", {"asdas": partial(fell, by=ASDAS_FALL)}
    ),
    "asdas_mi": Rule("ASDAS fall of at least 2.0 (major improvement)", {"asdas": partial(fell, by=2)}),
    "asdas_inactive": Rule(
        "ASDAS below 1.3 after treatment (inactive disease)",
        {"asdas": lambda _, after: after < ASDAS_INACTIVE - TOLERANCE},
        only_after=True,
    ),
}
"""The rules by name. TA383: NICE technology appraisal 383 (2016). ASDAS: Machado P et al., Ann Rheum Dis 2011; 70: 47-53."""


ITEMS = {
    "basdai": BASDAI_ITEMS,
    "asdas_crp": ["basdai_q2", "basdai_q6", "pga", "basdai_q3", "crp_mg_l"],
    "asdas_esr": ["basdai_q2", "basdai_q6", "pga", "basdai_q3", "esr_mm_h"],
    "spinal_vas_cm": ["spinal_vas_cm"],
}
"""The items of each index: without one of them it is not known."""


def clinical_response(
    clinical: pd.DataFrame,
    subjects: Sequence[str],
    asdas: str = "crp",
    rules: Sequence[str] = tuple(RULES),
    sessions: Sequence[str] = SESSIONS,
) -> pd.DataFrame:
    """Judge every subject by every rule, at every visit after the first.

    Parameters
    ----------
    clinical : DataFrame
        Columns of ``config/schemas/clinical.schema.yaml``, one row per subject and session.
    subjects : sequence of str
        In the order of the result; one without a row is undefined by every rule.
    asdas : {"crp", "esr"}
        Which ASDAS the rules look at.
    rules : sequence of str
        Names in `RULES`.
    sessions : sequence of str
        Visits in their order.

    Returns
    -------
    DataFrame
        ``session subject rule response reason`` and the indices ``basdai asdas spinal_vas_cm`` with ``_pre`` and ``_post``.
        The response is yes, no, or None with the items that are missing as the reason.

    Raises
    ------
    InputError
        If an item is outside its scale.
    """
    assessed = clinical.merge(disease_activity(clinical)[["subject", "session", "basdai", f"asdas_{asdas}"]])
    assessed = assessed.rename(columns={f"asdas_{asdas}": "asdas"})
    rows = []
    for session, visits in follow_ups(assessed, sessions):
        rows += [{"session": session} | row for row in _judged(visits, subjects, asdas, rules)]
    return pd.DataFrame(rows, columns=None if rows else ["session", "subject", "rule", "response", "reason"])


def _judged(visits, subjects, asdas, rules):
    by_session, rows = dict(visits.set_index(["subject", "session"]).iterrows()), []
    for subject in subjects:
        found = {session: by_session.get((subject, session)) for session in SESSIONS}
        known = {
            f"{index}_{session}": float("nan") if row is None else row[index]
            for index in INDICES
            for session, row in found.items()
        }
        for name in rules:
            rule = RULES[name]
            reason = _undefined(rule, found, asdas)
            if not reason and name == "basdai50" and found["pre"]["basdai"] <= TOLERANCE:
                reason = "BASDAI 0 pre: cannot be halved"
            met = not reason and all(
                meets(known[f"{index}_pre"], known[f"{index}_post"]) for index, meets in rule.met.items()
            )
            response = None if reason else "yes" if met else "no"
            rows.append({"subject": subject, "rule": name, "response": response, "reason": reason or None} | known)
    return rows


def _undefined(rule, found, asdas):
    """The items that a rule lacks, in words; "" where it lacks none."""
    lacks = []
    for session in ("post",) if rule.only_after else SESSIONS:
        row = found[session]
        if row is None:
            lacks.append(f"no assessment {session}")
            continue
        for index in rule.met:
            items = ITEMS[f"asdas_{asdas}" if index == "asdas" else index]
            lacks += [f"no {item} {session}" for item in items if pd.isna(row[item])]
    return "; ".join(lacks)


def response_counts(judged: pd.DataFrame) -> pd.DataFrame:
    """Count responders by each rule, with exact 95 % intervals of their share.

    Parameters
    ----------
    judged : DataFrame
        From `clinical_response`.

    Returns
    -------
    DataFrame
        ``session rule definition responders n undefined share ci_low ci_high``; undefined subjects are not in n.
    """
    rows = []
    for (session, name), table in judged.groupby(["session", "rule"], sort=False):
        n, responders = int(table["response"].notna().sum()), int((table["response"] == "yes").sum())
        rows.append((session, name, RULES[name].definition, responders, n, len(table) - n, *proportion(responders, n)))
    return pd.DataFrame(rows, columns=COUNTS)
