"""Agreement of two yes-or-no judgements of the same subjects, with every count behind it (paper, section 2.7.3)."""

from itertools import product

import numpy as np
import pandas as pd
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.inter_rater import cohens_kappa
from statsmodels.stats.proportion import proportion_confint

from vhi.statistics.estimates import NAN, columns, ends

COLUMNS = [
    *("n", "undefined", "both", "only_a", "only_b", "neither"),
    *columns("agreement", "b_of_a", "not_b_of_not_a", "kappa", "a_of_discordant"),
    "mcnemar_p",
]
CRITERIA = ("any improvement", "beyond the smallest detectable change", "beyond measurement error")


def proportion(count: int, n: int) -> tuple[float, float, float]:
    """Compute a proportion with its exact (Clopper-Pearson) 95 % interval; NaN where n is 0.

    Examples
    --------
    >>> [round(value, 4) for value in proportion(11, 16)]
    [0.6875, 0.4134, 0.8898]
    """
    if n == 0:
        return (NAN,) * 3
    low, high = proportion_confint(count, n, alpha=0.05, method="beta")
    return count / n, float(low), float(high)


def agreement_of_judgements(a: pd.Series, b: pd.Series) -> dict:
    """Set two judgements of the same subjects against each other.

    Parameters
    ----------
    a, b : Series
        ``yes``, ``no`` or missing, with one index; subjects for whom one is missing are counted as undefined.

    Returns
    -------
    dict
        By `COLUMNS`: the counts of the 2 x 2 table; the share on which both agree, of b's yes among a's yes, and of b's
        no among a's no, each with exact 95 % intervals; Cohen's kappa with its asymptotic 95 % interval; the share of a's
        yes among subjects on whom they differ, with its exact interval, and the exact McNemar P, which is that of a share
        of one half. NaN for what the counts cannot give: kappa where both judge all alike, P where n is 0.

    References
    ----------
    Fleiss JL, Cohen J, Everitt BS. Psychol Bull 1969; 72: 323-327 (variance of kappa). McNemar Q. Psychometrika 1947; 12:
    153-157. Clopper CJ, Pearson ES. Biometrika 1934; 26: 404-413.
    """
    known = a.notna() & b.notna()
    counts = [int((known & (a == of_a) & (b == of_b)).sum()) for of_a, of_b in product(("yes", "no"), repeat=2)]
    return from_counts(*counts) | {"undefined": int((~known).sum())}


def from_counts(both: int, only_a: int, only_b: int, neither: int) -> dict:
    """As `agreement_of_judgements`, from the four counts; ``undefined`` is 0."""
    n = both + only_a + only_b + neither
    found = dict.fromkeys(COLUMNS, NAN)
    found |= {"n": n, "undefined": 0, "both": both, "only_a": only_a, "only_b": only_b, "neither": neither}
    for name, count, of in (
        ("agreement", both + neither, n),
        ("b_of_a", both, both + only_a),
        ("not_b_of_not_a", neither, only_b + neither),
        ("a_of_discordant", only_a, only_a + only_b),
    ):
        found[name], *interval = proportion(count, of)
        found |= ends(interval, name)
    if n:
        table = np.array([[both, only_a], [only_b, neither]])
        found["mcnemar_p"] = float(mcnemar(table, exact=True).pvalue) if only_a + only_b else 1.0
        if n not in (both, neither):  # both judge all alike: chance alone would agree
            with np.errstate(invalid="ignore", divide="ignore"):
                kappa = cohens_kappa(table)
            found["kappa"] = float(kappa.kappa)
            if kappa.std_kappa > 1e-6:  # perfect agreement, or a judge who says one thing only: no interval
                found |= ends((float(kappa.kappa_low), min(1.0, float(kappa.kappa_upp))), "kappa")
    return found


def agrees(a: pd.Series, b: pd.Series) -> pd.Series:
    """Judge whether two judgements agree, per subject: yes, no, or None where one is missing."""
    both = pd.DataFrame({"a": a, "b": b}, dtype=object)
    found = pd.Series(np.where(both["a"] == both["b"], "yes", "no"), index=both.index, dtype=object)
    found[both.isna().any(axis=1)] = None
    return found


def judgements(changes: pd.DataFrame, detectable: pd.DataFrame, errors: pd.DataFrame) -> pd.DataFrame:
    """Judge every change by each criterion.

    Parameters
    ----------
    changes : DataFrame
        Columns ``measure reader subject change``.
    detectable : DataFrame
        Columns ``measure reader smallest_detectable_change``.
    errors : DataFrame
        Columns ``subject flag``: whether the readers' mean of V_HI changed beyond its own error (`vhi.uncertainty.change`).

    Returns
    -------
    DataFrame
        ``measure reader criterion subject response``: yes where the measure fell (a tie is no), fell by more than the smallest
        detectable change, or, for V_HI, fell beyond measurement error; None where the change, or its limit, is not known.
    """
    table = changes.merge(detectable[["measure", "reader", "smallest_detectable_change"]], on=["measure", "reader"])
    parts = []
    for criterion, limit in zip(CRITERIA[:2], (0 * table["change"], table["smallest_detectable_change"]), strict=True):
        response = pd.Series(np.where(table["change"] < -limit, "yes", "no"), index=table.index, dtype=object)
        response[table["change"].isna() | limit.isna()] = None
        parts.append(table[["measure", "reader", "subject"]].assign(criterion=criterion, response=response))
    flags = errors.set_index("subject")["flag"]
    flagged = table[(table["measure"] == "vhi") & (table["reader"] == table["reader"].iloc[0])]
    response = flagged["subject"].map(flags).map({"decrease": "yes", "increase": "no", "no": "no"})
    about = flagged[["measure", "reader", "subject"]].assign(criterion=CRITERIA[2])
    parts.append(about.assign(response=response.astype(object).where(response.notna(), None)))
    return pd.concat(parts, ignore_index=True)


def responder_table(
    judged: pd.DataFrame, clinical: pd.DataFrame, primary_rule: str, primary_reader: str = "mean"
) -> pd.DataFrame:
    """Set clinical response and the response of each measure against each other.

    Parameters
    ----------
    judged : DataFrame
        From `judgements`.
    clinical : DataFrame
        Columns ``subject rule response``; may be empty.
    primary_rule : str
        The rule whose rows, with any improvement, are the primary ones.
    primary_reader : str
        Whose rows these are: ``mean`` or a reader; the first of `judged` where it has no such rows.

    Returns
    -------
    DataFrame
        ``primary reader criterion a b`` and `COLUMNS`; a is a clinical rule or ``vhi``, b a measure. In rows ``vhi agrees with
        clinical: ...`` by ``sparcc agrees with clinical: ...`` both agreements with clinical response are compared in the same
        subjects; their McNemar P is that of equal agreement.
    """
    rows = []
    readers = list(dict.fromkeys(judged["reader"]))
    chosen = primary_reader if primary_reader in readers else next(iter(readers), None)
    by_rule = {rule: part.set_index("subject")["response"] for rule, part in clinical.groupby("rule", sort=False)}
    for reader, criterion in product(readers, CRITERIA):
        of = judged[(judged["reader"] == reader) & (judged["criterion"] == criterion)]
        measures = {name: part.set_index("subject")["response"] for name, part in of.groupby("measure", sort=False)}
        first = reader == chosen and criterion == CRITERIA[0]
        pairs = [
            (f"clinical: {rule}", response, measure, of_measure, rule == primary_rule)
            for rule, response in by_rule.items()
            for measure, of_measure in measures.items()
        ]
        if {"vhi", "sparcc"} <= measures.keys():
            vhi, sparcc = measures["vhi"], measures["sparcc"]
            pairs.append(("vhi", vhi, "sparcc", sparcc, True))
            for rule, response in by_rule.items():
                names = (f"{name} agrees with clinical: {rule}" for name in ("vhi", "sparcc"))
                pairs.append((next(names), agrees(vhi, response), next(names), agrees(sparcc, response), False))
        for a, of_a, b, of_b, is_primary in pairs:
            both = pd.DataFrame({"a": of_a, "b": of_b})  # the union: who lacks one is counted as undefined
            found = agreement_of_judgements(both["a"], both["b"])
            primary = "yes" if first and is_primary else "no"
            rows.append({"primary": primary, "reader": reader, "criterion": criterion, "a": a, "b": b} | found)
    return pd.DataFrame(rows, columns=["primary", "reader", "criterion", "a", "b", *COLUMNS])
