"""Guidelines for Reporting Reliability and Agreement Studies: the 15 items, filled in as far as a workflow can know.

Kottner J et al. J Clin Epidemiol 2011; 64: 96-106.
"""

from collections.abc import Mapping

import pandas as pd

AUTHORS = "for the authors to write"
COLUMNS = ["item", "section", "asked", "this_study", "where"]


def grras_table(config: Mapping, counts: Mapping, main_numbers: str) -> pd.DataFrame:
    """Fill in the 15 items.

    Parameters
    ----------
    config : mapping
        The study's config, defaults filled in.
    counts : mapping
        As `vhi.report.methods.methods_paragraphs` takes them.
    main_numbers : str
        From `vhi.report.results.results_paragraph`.

    Returns
    -------
    DataFrame
        ``item section asked this_study where``: what this study says, in which of its results, or that the authors have to
        write it.
    """
    readers = config["readers"]
    simulated = "simulated " if config["simulated"] else ""
    replicates = (
        f"{counts['scans_by_hand']} scans by hand, {counts['trials_by_hand']} segmentations"
        if counts["scans_by_hand"]
        else "none by hand"
    )
    included = (
        f"{counts['cleaned']} scans of {counts['subjects']} subjects cleaned by {len(readers)} readers, once "
        f"each; {replicates}; "
        f"{counts['paired']} subjects with both sessions"
    )
    region = ", ".join(f"{what} in {n}" for what, n in counts["regions"].items() if n)
    process = (
        f"Disease region: {region}; limit that makes V_HI: {config['limits']['vhi']}. "
        f"Order of reading, blinding and interval: {AUTHORS}"
    )
    rows = [
        ("Title and abstract", "Say that reliability or agreement was investigated", AUTHORS, ""),
        (
            "Introduction",
            "Name the measurement",
            "V_HI (volume of hyperintense inflammation)" + (" and SPARCC" if counts["sparcc"] else ""),
            "report/methods.txt",
        ),
        (
            "Introduction",
            "Specify the subject population",
            f"{counts['subjects']} {simulated}subjects, {counts['scans']} scans",
            "cohort/characteristics.tsv",
        ),
        (
            "Introduction",
            "Specify the rater population",
            f"{len(readers)} {simulated}readers ({', '.join(readers)}); whom they stand for: {AUTHORS}",
            "",
        ),
        ("Introduction", "Say what is known, and the rationale", AUTHORS, ""),
        (
            "Methods",
            "Explain the sample size; number of raters, subjects, replicates",
            f"Planned sizes: {AUTHORS}. Found: {included}",
            "6_cleaning/measurements.tsv",
        ),
        ("Methods", "Describe the sampling", AUTHORS, "cohort/flow.tsv"),
        ("Methods", "Describe the rating: interval, information, blinding", process, "report/methods.txt"),
        (
            "Methods",
            "Were the ratings independent",
            f"{AUTHORS}; every reading starts from the same preliminary segmentation",
            "5_small_regions/",
        ),
        ("Methods", "Describe the statistical analysis", "see the methods paragraph", "report/methods.txt"),
        (
            "Results",
            "Actual number of raters, subjects, replicates",
            included,
            "cohort/flow.tsv, 6_cleaning/measurements.tsv",
        ),
        (
            "Results",
            "Characteristics of raters and subjects",
            f"Subjects: see the table. Training and experience of the readers: {AUTHORS}",
            "cohort/characteristics.tsv",
        ),
        (
            "Results",
            "Estimates of reliability and agreement with their uncertainty",
            main_numbers or "no two readings to compare",
            "7_1_overlap/, 7_2_agreement/, 7_3_responsiveness/",
        ),
        (
            "Discussion",
            "Practical relevance",
            f"Smallest detectable change and failures: see the tables. Discussion: {AUTHORS}",
            "7_3_responsiveness/detectable_change.tsv, 7_4_disagreement/",
        ),
        ("Auxiliary material", "Detailed results", "every table and figure, with the code", "report.html"),
    ]
    return pd.DataFrame([(number, *row) for number, row in enumerate(rows, 1)], columns=COLUMNS)
