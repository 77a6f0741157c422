"""The methods in words, and the main numbers, written from config and results, to be pasted into a manuscript."""

from collections.abc import Mapping

import pandas as pd

from vhi.io.tables import TAKEN_AS
from vhi.region.protocols import averaging_in_words
from vhi.statistics.response import RULES

UNITS = {"voxels": "voxels", "mm3": "mm3", "score": "points", "points": "points"}


def numbers(table: pd.DataFrame | None, decimals: int, **where) -> str:
    """Print the estimate of the one row that fits as ``estimate (95 % CI low to high)``; "" where there is none.

    Parameters
    ----------
    table : DataFrame or None
        With ``estimate ci_low ci_high``.
    decimals : int
    **where
        Column and value.
    """
    if table is None:
        return ""
    for column, value in where.items():
        table = table[table[column] == value]
    if table.empty or pd.isna(table["estimate"].iloc[0]):
        return ""
    row = table.iloc[0]
    text = f"{row['estimate']:,.{decimals}f}"
    known = pd.notna(row["ci_low"])
    return text + (f" (95 % CI {row['ci_low']:,.{decimals}f} to {row['ci_high']:,.{decimals}f})" if known else "")


def methods_paragraphs(config: Mapping, counts: Mapping) -> list[str]:
    """Describe what was done.

    Parameters
    ----------
    config : mapping
        The study's config, defaults filled in.
    counts : mapping
        ``subjects scans measured cleaned published trials_by_hand scans_by_hand members regions``, with published the readings
        known by their count alone and regions the number of scans by the source of their disease region; ``sparcc`` and
        ``clinical`` (bool); ``paired``, the subjects with both sessions.

    Returns
    -------
    list of str
    """
    limits, small, cleaning = config["limits"], config["small_regions"], config["cleaning"]
    simulated = "Scans and readings are simulated. " if config["simulated"] else ""
    regions = ", ".join(f"{what} in {n}" for what, n in counts["regions"].items() if n)
    trained = config["ensemble"]["source"] == "trained"
    how = (
        f"trained on the study's own training scans ({config['training']['protocol']} protocol, "
        f"{config['training']['folds']}-fold "
        "cross-validation by subject)"
        if trained
        else "with weights that were not trained in this study"
    )
    words = averaging_in_words(config["ensemble"])
    of = "lower ('sensitive')" if limits["vhi"] == "lower" else "upper ('conservative')"
    measured = (
        f"{simulated}The volume of hyperintense inflammation (V_HI) follows the workflow of Hepburn et al. (PLoS ONE "
        f"2023; 18(4): e0284508). A preliminary segmentation was made in {counts['measured']} of {counts['scans']} scans "
        f"of {counts['subjects']} subjects. (i) A region of "
        "normal marrow was outlined on STIR. (ii) The upper limit is the largest intensity in it; the lower "
        "limit is its "
        f"upper quartile plus n times the interquartile range, n starting at {limits['n_start']:g} and changing "
        f"by {limits['n_step']:g} until "
        f"the limits differ by less than {limits['iqr_share']:g} interquartile ranges. (iii) The disease region "
        f"was taken from: {regions}"
        + (
            f"; the automatic one is the rounded mean of {counts['members']} U-Nets {how}{', ' * bool(words)}{words}"
            if counts["regions"].get("the ensemble")
            else ""
        )
        + ". (iv) Voxels of the disease region at or above the limit were labelled"
        + (", normal marrow left out" if config["normal_marrow"]["exclude_from_disease_region"] else "")
        + f", and (v) regions of fewer than {small['minimum_pixels']} pixels of a slice "
        f"({small['connectivity']}-connected) dropped. "
        f"(vi) {_readers(config['readers'])} removed what is not inflammation from this preliminary "
        f"segmentation in {counts['cleaned']} "
        f"scans; voxels outside it were "
        f"{'refused' if cleaning['added_voxels'] == 'refuse' else 'kept and counted'}. V_HI is what "
        f"remains above the {of} limit."
        + (
            f" Of {counts['published']} readings it is the published count, because their masks are not public."
            if counts["published"]
            else ""
        )
    )
    paragraphs = [measured, _statistics(config, counts)]
    return [" ".join(paragraph.split()) for paragraph in paragraphs]


def _readers(readers):
    return (
        f"{len(readers)} reader{'s' if len(readers) != 1 else ''} ({', '.join(readers)})" if readers else "The reader"
    )


def _statistics(config, counts):
    unit, draws = config["statistics"]["vhi_unit"], config["statistics"]["bootstrap"]
    two = len(config["readers"]) > 1
    parts = []
    if counts["scans_by_hand"]:
        parts.append(
            f"{counts['scans_by_hand']} scans were also segmented by hand, {counts['trials_by_hand']} times in "
            f"all. Overlap is given as "
            f"Dice scores; medians with bootstrap intervals over subjects ({draws:,} resamples). A composite "
            f"reference holds the "
            f"voxels marked in at least {config['overlap']['composite_votes']} segmentations."
        )
    if two:
        parts.append(
            f"Agreement of the readers was assessed by bias and 95 % limits of agreement (Bland and Altman "
            f"1986, 1999) of V_HI in {unit}"
            + (" and of SPARCC" if counts["sparcc"] else "")
            + f", with 95 % confidence intervals, {TAKEN_AS['paper']} and {TAKEN_AS['clustered']}, and by ICC(A,1)."
        )
    if counts["sparcc"]:
        parts.append("V_HI was regressed on SPARCC per reader, as measured, truncated, and as log(x + 1).")
    if counts["paired"]:
        parts.append(
            f"Change was assessed in {counts['paired']} subjects with both sessions, on the mean of the "
            f"readers. Any fall is an "
            "improvement; no change does not count as improvement. A fall beyond the smallest detectable change "
            "(1.96 SD "
            "of the readers' "
            "difference in change, divided by the root of 2 and of the readers averaged) is given too."
        )
        if counts["clinical"]:
            rule = config["response"]["clinical_rule"]
            parts.append(
                f"Clinical response is '{rule}': {RULES[rule].definition}; other rules stand beside (ASDAS with "
                f"{config['response']['asdas'].upper()}). "
                "Judgements were compared by 2 x 2 tables with exact (Clopper-Pearson) intervals, Cohen's kappa "
                "and the exact McNemar test."
            )
        parts.append(
            f"Standardised response means have bias-corrected and accelerated bootstrap intervals ({draws:,} "
            f"resamples of subjects)"
            + (" and were compared between V_HI and SPARCC on the same resamples" if counts["sparcc"] else "")
            + "."
        )
        if counts["sparcc"]:
            parts.append(
                "The change in V_HI was regressed on the change in SPARCC by least squares and by Theil and "
                "Sen, with the influence of each "
                "subject (Cook's distance)."
            )
    if two:
        parts.append(
            "Scans whose V_HI differed between readers by more than two standard deviations from 0 were listed for inspection."
        )
    parts.append(_primary(counts, unit, two))
    return " ".join(parts)


def _primary(counts, unit, two):
    """Name the primary analyses; the paper declares none."""
    named = [f"the limits of agreement of V_HI in {unit}, {TAKEN_AS['paper']}"] if two else []
    if counts["paired"]:
        pairs = ["clinical response and V_HI", "clinical response and SPARCC"] if counts["clinical"] else []
        pairs = pairs if counts["sparcc"] else pairs[:1]
        pairs += ["V_HI and SPARCC"] if counts["sparcc"] else []
        judged = "any fall of the mean of the readers" if two else "any fall"
        named += [f"agreement on response ({judged}) between {', between '.join(pairs)}"] if pairs else []
    if not named:
        return ""
    return (
        f"Primary analyses: {'; '.join(named)}. All others are exploratory. P values are unadjusted, except those of the Dice "
        "scores (Holm)."
    )
