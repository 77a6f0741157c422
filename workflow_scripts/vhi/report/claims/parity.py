"""Whether the published counts of responders fit together: three yes-or-no judgements of the same subjects."""

from collections.abc import Mapping

import pandas as pd

from vhi.statistics.consistent import consistent_tables

NEEDED = {  # names in the enumeration: claims of the paper
    "n": "subjects",
    "clinical": "clinical_responders",
    "vhi_yes": "vhi_true_responders",
    "sparcc_yes": "sparcc_true_responders",
    "vhi_no": "vhi_true_nonresponders",
    "sparcc_no": "sparcc_true_nonresponders",
    "vhi_clinical": "vhi_clinical_agreement",
    "sparcc_clinical": "sparcc_clinical_agreement",
    "vhi_sparcc": "vhi_sparcc_agreement",
}
PAIRS = {
    "vhi_clinical": "V_HI and clinical",
    "sparcc_clinical": "SPARCC and clinical",
    "vhi_sparcc": "V_HI and SPARCC",
}

GIVEN_UP = {  # a printed count: the printed sum that it is part of
    "vhi_yes": "vhi_clinical",
    "vhi_no": "vhi_clinical",
    "sparcc_yes": "sparcc_clinical",
    "sparcc_no": "sparcc_clinical",
    "vhi_sparcc": None,
}


def derivation(printed: Mapping[str, float]) -> pd.DataFrame:
    """Derive, step by step, whether the published counts of responders fit together.

    Parameters
    ----------
    printed : mapping of str to float
        Published numbers by claim, all of `NEEDED`.

    Returns
    -------
    DataFrame
        ``step statement result``. Steps 1 to 4 are arithmetic; step 5 enumerates every 2 x 2 x 2 table of the subjects;
        the next give up one printed number at a time; the last suppose that one subject without a change in SPARCC was
        left out as neither responder nor non-responder.
    """
    counts = {name: int(printed[claim]) for name, claim in NEEDED.items()}
    n = counts["n"]
    apart = {pair: n - counts[pair] for pair in PAIRS}
    total = sum(apart.values())
    steps = [
        (f"subjects in whom {name} disagree: {n} - {counts[pair]}", apart[pair])
        for pair, name in PAIRS.items()
    ]  # fmt: skip
    steps.append(
        (
            "three yes-or-no judgements of one subject are all alike (no pair disagrees) or one differs from two (two pairs "
            "disagree), so that the disagreements of all subjects add up to an even number; printed are "
            + " + ".join(str(value) for value in apart.values()),
            f"{total}, {'odd: impossible' if total % 2 else 'even: possible'}",
        )
    )
    steps.append(("tables of 2 x 2 x 2 counts that have every printed number", len(consistent_tables(counts))))
    for name, total_of in GIVEN_UP.items():
        tables = consistent_tables({key: value for key, value in counts.items() if key not in (name, total_of)})
        listed = ", ".join(map(str, sorted({_value(name, cells) for cells in tables}))) or "none"
        without = f"without the printed {NEEDED[name].replace('_', ' ')} ({counts[name]})"
        if total_of:
            without += f" and the agreement that counts it ({counts[total_of]})"
        steps.append((f"{without}: values that fit all others", listed))
    left_out = (
        "one clinical non-responder has a SPARCC change of exactly 0 and is left out of SPARCC response as neither"
    )
    for responds in (True, False):
        steps.append(
            (
                f"supposing that {left_out} ({counts['sparcc_no']} of {n - counts['clinical'] - 1}), and "
                f"{'responds' if responds else 'does not respond'} by V_HI: tables of the other {n - 1} subjects",
                len(consistent_tables(_without_tie(counts, responds))),
            )
        )
    steps.append(("so that the published counts are", _verdict(counts)))
    return pd.DataFrame(
        [(number, statement, str(result)) for number, (statement, result) in enumerate(steps, 1)],
        columns=["step", "statement", "result"],
    )


def _verdict(counts):
    if consistent_tables(counts):
        return "consistent"
    fits = any(consistent_tables(_without_tie(counts, responds)) for responds in (True, False))
    return "ambiguous: resolved by one excluded tie" if fits else "contradictory"


def possible_tables(printed: Mapping[str, float]) -> pd.DataFrame:
    """List every table that fits the published counts with one excluded tie.

    One clinical non-responder, whose SPARCC score did not change, is taken to be left out of SPARCC response as neither,
    while V_HI and the regression of changes keep that subject.

    Parameters
    ----------
    printed : mapping of str to float
        Published numbers by claim, all of `NEEDED`.

    Returns
    -------
    DataFrame
        ``table clinical vhi sparcc_yes sparcc_no sparcc_no_change``: four rows per table, counts of subjects by clinical
        and V_HI response (yes or no); no row where no table fits.
    """
    counts = {name: int(printed[claim]) for name, claim in NEEDED.items()}
    found = [
        cells | {f"-{'+' if responds else '-'}0": 1}
        for responds in (True, False)
        for cells in consistent_tables(_without_tie(counts, responds))
    ]
    words = {"+": "yes", "-": "no"}
    rows = [
        (number, words[clinical], words[vhi], *(cells.get(clinical + vhi + sparcc, 0) for sparcc in "+-0"))
        for number, cells in enumerate(found, 1)
        for clinical in "+-"
        for vhi in "+-"
    ]
    columns = ["table", "clinical", "vhi", "sparcc_yes", "sparcc_no", "sparcc_no_change"]
    return pd.DataFrame(rows, columns=columns)


def _without_tie(counts, responds_by_vhi):
    """Counts of the other subjects, where the one left out is a clinical non-responder."""
    return counts | {
        "n": counts["n"] - 1,
        "vhi_no": counts["vhi_no"] - (not responds_by_vhi),
        "vhi_clinical": counts["vhi_clinical"] - (not responds_by_vhi),
    }


def _value(name, cells):
    """Value of a printed count in a table of cells."""
    place = {"clinical": 0, "vhi": 1, "sparcc": 2}
    first, second = name.split("_")
    if second in ("yes", "no"):
        sign = {"yes": "+", "no": "-"}[second]
        return sum(count for cell, count in cells.items() if cell[0] == sign and cell[place[first]] == sign)
    return sum(count for cell, count in cells.items() if cell[place[first]] == cell[place[second]])
