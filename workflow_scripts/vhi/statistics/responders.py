"""Agreement of two yes-or-no judgements of the same subjects, with every count behind it (paper, section 2.7.3)."""

from collections.abc import Mapping
from itertools import product

import numpy as np
import pandas as pd
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.inter_rater import cohens_kappa
from statsmodels.stats.proportion import proportion_confint

COLUMNS = [
    *("n", "undefined", "both", "only_a", "only_b", "neither"),
    *(f"{name}{end}" for name in ("agreement", "b_of_a", "not_b_of_not_a") for end in ("", "_ci_low", "_ci_high")),
    *("kappa", "kappa_ci_low", "kappa_ci_high", "mcnemar_p"),
]


def proportion(count: int, n: int) -> tuple[float, float, float]:
    """Compute a proportion with its exact (Clopper-Pearson) 95 % interval; NaN where n is 0.

    Examples
    --------
    >>> [round(value, 4) for value in proportion(11, 16)]
    [0.6875, 0.4134, 0.8898]
    """
    if n == 0:
        return (float("nan"),) * 3
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
        no among a's no, each with exact 95 % intervals; Cohen's kappa with its asymptotic 95 % interval; the exact
        McNemar P. NaN for what the counts cannot give: kappa where both judge all alike, P where n is 0.

    References
    ----------
    Fleiss JL, Cohen J, Everitt BS. Psychol Bull 1969; 72: 323-327 (variance of kappa). McNemar Q. Psychometrika 1947; 12:
    153-157. Clopper CJ, Pearson ES. Biometrika 1934; 26: 404-413.
    """
    known = a.notna() & b.notna()
    counts = {
        name: int((known & (a == first) & (b == second)).sum())
        for name, first, second in (
            ("both", "yes", "yes"),
            ("only_a", "yes", "no"),
            ("only_b", "no", "yes"),
            ("neither", "no", "no"),
        )
    }
    return from_counts(**counts) | {"undefined": int((~known).sum())}


def from_counts(both: int, only_a: int, only_b: int, neither: int) -> dict:
    """As `agreement_of_judgements`, from the four counts; ``undefined`` is 0."""
    n = both + only_a + only_b + neither
    found = {"n": n, "undefined": 0, "both": both, "only_a": only_a, "only_b": only_b, "neither": neither}
    for name, count, of in (
        ("agreement", both + neither, n),
        ("b_of_a", both, both + only_a),
        ("not_b_of_not_a", neither, only_b + neither),
    ):
        found |= dict(zip((name, f"{name}_ci_low", f"{name}_ci_high"), proportion(count, of), strict=True))
    found |= dict.fromkeys(("kappa", "kappa_ci_low", "kappa_ci_high", "mcnemar_p"), float("nan"))
    if n:
        table = np.array([[both, only_a], [only_b, neither]])
        found["mcnemar_p"] = float(mcnemar(table, exact=True).pvalue) if only_a + only_b else 1.0
        if n not in (both, neither):  # both judge all alike: chance alone would agree
            with np.errstate(invalid="ignore", divide="ignore"):
                kappa = cohens_kappa(table)
            found |= {"kappa": float(kappa.kappa)}
            if kappa.std_kappa > 1e-6:  # perfect agreement, or a judge who says one thing only: no interval
                found |= {"kappa_ci_low": float(kappa.kappa_low), "kappa_ci_high": min(1.0, float(kappa.kappa_upp))}
    return found


def agrees(a: pd.Series, b: pd.Series) -> pd.Series:
    """Judge whether two judgements agree, per subject: yes, no, or None where one is missing."""
    both = pd.DataFrame({"a": a, "b": b}, dtype=object)
    found = pd.Series(np.where(both["a"] == both["b"], "yes", "no"), index=both.index, dtype=object)
    found[both.isna().any(axis=1)] = None
    return found


def consistent_tables(counts: Mapping[str, int]) -> list[dict[str, int]]:
    """Find every 2 x 2 x 2 table of clinical, V_HI and SPARCC response with given counts.

    Parameters
    ----------
    counts : mapping of str to int
        ``n``, ``clinical`` (responders), and any of: ``vhi_yes sparcc_yes`` (of them, responders by V_HI, by SPARCC),
        ``vhi_no sparcc_no`` (of the non-responders, non-responders by each), ``vhi_clinical sparcc_clinical vhi_sparcc``
        (subjects on whom two agree).

    Returns
    -------
    list of dict
        Cells ``ccc`` with c in ``+-`` for clinical, V_HI and SPARCC, e.g. ``++-``; none if the counts contradict each other.
    """
    n, responders = counts["n"], counts["clinical"]
    found = []
    for pp, pm, mp in product(range(responders + 1), repeat=3):
        if pp + pm + mp > responders:
            continue
        yes = {"+++": pp, "++-": pm, "+-+": mp, "+--": responders - pp - pm - mp}
        if not _fits(counts, {"vhi_yes": pp + pm, "sparcc_yes": pp + mp}):
            continue
        for qp, qm, rp in product(range(n - responders + 1), repeat=3):
            rest = n - responders - qp - qm - rp
            cells = yes | {"-++": qp, "-+-": qm, "--+": rp, "---": rest}
            if rest < 0 or not _fits(counts, {"vhi_no": rp + rest, "sparcc_no": qm + rest}):
                continue
            agree = {
                name: sum(count for cell, count in cells.items() if cell[i] == cell[j])
                for name, i, j in (("vhi_clinical", 0, 1), ("sparcc_clinical", 0, 2), ("vhi_sparcc", 1, 2))
            }
            if _fits(counts, agree):
                found.append(cells)
    return found


def _fits(counts, found):
    return all(counts.get(name, value) == value for name, value in found.items())


CRITERIA = ("any improvement", "beyond the smallest detectable change")


def judgements(changes: pd.DataFrame, detectable: pd.DataFrame) -> pd.DataFrame:
    """Judge every change by both criteria.

    Parameters
    ----------
    changes : DataFrame
        Columns ``measure reader subject change``.
    detectable : DataFrame
        Columns ``measure reader smallest_detectable_change``.

    Returns
    -------
    DataFrame
        ``measure reader criterion subject response``: yes where the measure fell (a tie is no), or fell by more than the
        smallest detectable change; None where the change, or that limit, is not known.
    """
    table = changes.merge(detectable[["measure", "reader", "smallest_detectable_change"]], on=["measure", "reader"])
    parts = []
    for criterion, limit in zip(CRITERIA, (0 * table["change"], table["smallest_detectable_change"]), strict=True):
        response = pd.Series(np.where(table["change"] < -limit, "yes", "no"), index=table.index, dtype=object)
        response[table["change"].isna() | limit.isna()] = None
        parts.append(table[["measure", "reader", "subject"]].assign(criterion=criterion, response=response))
    return pd.concat(parts, ignore_index=True)


def responder_table(judged: pd.DataFrame, clinical: pd.DataFrame, primary_rule: str) -> pd.DataFrame:
    """Set clinical response and the response of each measure against each other.

    Parameters
    ----------
    judged : DataFrame
        From `judgements`.
    clinical : DataFrame
        Columns ``subject rule response``; may be empty.
    primary_rule : str
        The rule whose rows, with any improvement of the readers' mean, are the primary ones.

    Returns
    -------
    DataFrame
        ``primary reader criterion a b`` and `COLUMNS`; a is a clinical rule or ``vhi``, b a measure. In rows ``vhi agrees with
        clinical: ...`` by ``sparcc agrees with clinical: ...`` both agreements with clinical response are compared in the same
        subjects; their McNemar P is that of equal agreement.
    """
    rows = []
    readers = list(dict.fromkeys(judged["reader"]))
    for reader, criterion in product(readers, CRITERIA):
        of = judged[(judged["reader"] == reader) & (judged["criterion"] == criterion)]
        measures = {name: part.set_index("subject")["response"] for name, part in of.groupby("measure", sort=False)}
        first = reader == readers[0] and criterion == CRITERIA[0]
        pairs = [
            (f"clinical: {rule}", part.set_index("subject")["response"], measure, rule == primary_rule)
            for rule, part in clinical.groupby("rule", sort=False)
            for measure in measures
        ]
        if len(measures) > 1:
            pairs.append(("vhi", measures["vhi"], "sparcc", True))
        judged_by = dict(measures)
        if {"vhi", "sparcc"} <= measures.keys():
            for rule, part in clinical.groupby("rule", sort=False):
                response, name = part.set_index("subject")["response"], f"sparcc agrees with clinical: {rule}"
                judged_by[name] = agrees(measures["sparcc"], response)
                pairs.append((f"vhi agrees with clinical: {rule}", agrees(measures["vhi"], response), name, False))
        for a, of_a, b, is_primary in pairs:
            both = pd.DataFrame({"a": of_a, "b": judged_by[b]})  # the union: who lacks one is counted as undefined
            found = agreement_of_judgements(both["a"], both["b"])
            primary = "yes" if first and is_primary else "no"
            rows.append({"primary": primary, "reader": reader, "criterion": criterion, "a": a, "b": b} | found)
    return pd.DataFrame(rows, columns=["primary", "reader", "criterion", "a", "b", *COLUMNS])
