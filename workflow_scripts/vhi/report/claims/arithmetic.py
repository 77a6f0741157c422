"""Claims that other printed numbers imply. Where three of them hang together, the check counts once.

What is printed can follow from print, and then it is consistent; it is not reproduced.
"""

from scipy import stats

from vhi.report.claims import words
from vhi.report.claims.evidence import Finding, claim
from vhi.report.claims.parity import NEEDED, possible_tables

N = 29  # subjects of the cohort, as printed


def _implied(value, note, status=None):
    return Finding(implied=value, note=note, rests_on=words.PRINTED, status=status)


SUMS = {
    "scans": (lambda p: 2 * p["subjects"], "two per printed subject"),
    "subjects": (lambda p: p["male_subjects"] + p["female_subjects"], "printed men and women"),
    "small_region_area": (lambda p: 4 * p["pixel_spacing"] ** 2, "four times the square of the printed pixel spacing"),
    "evaluation_slices": (lambda p: 25 * p["evaluation_scans"], "the printed number of scans, 25 slices each"),
    "sparcc_extras": (lambda p: p["sparcc_slices"] * p["sparcc_quadrants"] * 3, ""),
    "failed_subjects": (
        lambda p: p["evaluation_subjects"] - p["satisfactory_subjects"],
        "printed subjects less the satisfactory ones; the judgements are not public",
    ),
    "clinical_nonresponders": (
        lambda p: p["subjects"] - p["clinical_responders"],
        "the printed subjects less the responders; the clinical table is not public",
    ),
    "vhi_clinical_agreement": (
        lambda p: p["vhi_true_responders"] + p["vhi_true_nonresponders"],
        "sum of the printed counts; the tables are not public",
    ),
    "sparcc_clinical_agreement": (
        lambda p: p["sparcc_true_responders"] + p["sparcc_true_nonresponders"],
        "sum of the printed counts; the tables are not public",
    ),
    "discrepant_scans": (
        lambda p: sum(p[f"{kind}_discrepancies"] for kind in ("anatomical", "artefactual", "morphological")),
        "sum of the printed kinds; readings of all 58 scans not public",
    ),
}
"""Claims that are a sum or product of other printed numbers `p`, and what it is made of."""


@claim(*SUMS)
def _sums(evidence, name):
    value, note = SUMS[name]
    return _implied(value(evidence.printed), note)


@claim("dice_increase_low", "dice_increase_high")
def _dice_increase(evidence, name):
    base = evidence.printed["inter_dice_high" if name.endswith("low") else "inter_dice_low"]
    points = round(100 * (evidence.printed["cleaned_dice"] - base), 6)
    note = f"percentage points of the printed medians; as a relative increase it is {points / base:.0f} %"
    return _implied(points, note, words.AMBIGUOUS)


@claim("above_preliminary")
def _above_preliminary(evidence):
    cleaned = evidence.printed["cleaned_dice"]
    before = max(evidence.printed[f"preliminary_dice_{reader}"] for reader in ("r1", "r2"))
    status = words.CONSISTENT if cleaned > before else words.CONTRADICTS
    return _implied(f"{cleaned:g} against {before:g}", "the printed medians", status)


@claim("vhi_bias", "sparcc_bias", "change_slope", "change_intercept")
def _middle(evidence, name):
    ends = ("limit_low", "limit_high") if name.endswith("bias") else ("low", "high")
    stem = name.removesuffix("_bias")
    middle = sum(evidence.printed[f"{stem}_{end}"] for end in ends) / 2
    return _implied(middle, "middle of the printed limits; the readings of all 58 scans are not public")


@claim("limits_narrower")
def _limits_narrower(evidence):
    shares = []
    for what in ("vhi", "sparcc"):
        low, high, least, most = (
            evidence.printed[f"{what}_{end}"] for end in ("limit_low", "limit_high", "range_low", "range_high")
        )
        shares.append(100 * (high - low) / (most - least))
    note = "width of the printed limits over the printed range, V_HI against SPARCC; one scan makes the range of V_HI"
    status = words.CONSISTENT if shares[0] < shares[1] else words.CONTRADICTS
    return _implied(f"{shares[0]:.1f} % against {shares[1]:.0f} %", note, status)


@claim("sparcc_nonresponders_of", "vhi_sparcc_agreement")
def _excluded_tie(evidence, name):
    printed = evidence.printed
    counts = {key: printed[key] for key in NEEDED.values()}
    apart = [N - printed[f"{kind}_agreement"] for kind in ("vhi_clinical", "sparcc_clinical", "vhi_sparcc")]
    fits, among = possible_tables(counts), printed["subjects"] - printed["clinical_responders"]
    if name == "sparcc_nonresponders_of":
        value = among
        note = (
            f"there are {among:g} clinical non-responders, and the regression of changes has all {N} (its R2 says so)"
        )
    else:
        value = None
        note = (
            f"over {N} subjects the disagreements must add up to an even number; printed are "
            f"{' + '.join(f'{value:g}' for value in apart)} = {sum(apart):g}"
        )
    if not sum(apart) % 2:
        return _implied(value, note, words.CONSISTENT if value is None else None)
    if fits.empty:
        return _implied(value, note, words.CONTRADICTS)
    responds = (fits["sparcc_no_change"] > 0) & (fits["vhi"] == "yes")
    how = "in each" if responds.sum() == fits["table"].nunique() else f"in {responds.sum()} of them"
    note += (
        f". One clinical non-responder with a SPARCC change of exactly 0, left out as neither, resolves both: "
        f"{fits['table'].nunique()} tables fit (7_3_responsiveness/published_counts_tables.tsv), {how} that subject "
        "responds by V_HI"
    )
    return _implied(value, note, words.AMBIGUOUS)


@claim("similar_response", "no_close_clinical")
def _chance(evidence, name):
    printed, n = evidence.printed, N
    clinical = printed["clinical_responders"]
    yes = {
        what: printed[f"{what}_true_responders"] + (n - clinical) - printed[f"{what}_true_nonresponders"]
        for what in ("vhi", "sparcc")
    } | {"clinical": clinical}
    pairs = [("vhi", "sparcc")] if name == "similar_response" else [("vhi", "clinical"), ("sparcc", "clinical")]
    told = []
    for a, b in pairs:
        chance = (yes[a] * yes[b] + (n - yes[a]) * (n - yes[b])) / n**2
        told.append(f"{printed[f'{a}_{b}_agreement']:g} of {n}, by chance {chance * n:.0f}")
    names = "; ".join(f"{a} and {b}" for a, b in pairs).replace("vhi", "V_HI").replace("sparcc", "SPARCC")
    note = f"printed agreement ({names}), and what two judgements with the printed shares of responders would reach by chance"
    return _implied("; ".join(told), note, words.AMBIGUOUS if name == "similar_response" else words.CONSISTENT)


@claim("change_slope_p", "change_intercept_p", "change_r2")
def _of_regression(evidence, name):
    what = "change_intercept" if name == "change_intercept_p" else "change_slope"
    at, low, high = (evidence.printed[what + end] for end in ("", "_low", "_high"))
    t = at / ((high - low) / 2 / stats.t.ppf(0.975, N - 2))
    value = t**2 / (t**2 + N - 2) if name == "change_r2" else 2 * stats.t.sf(abs(t), N - 2)
    return _implied(float(value), f"from the printed estimate, interval and n = {N}; the changes are not public")
