# What the methods paragraph and the GRRAS table stand on.


def reported_tables():
    """Tables of section 2.7 that this study has, by the name that the script knows; an empty list for the others."""
    several = len(cleaning_readers()) > 1
    there = {
        "medians": ("7_1_overlap/medians.tsv", True),
        "limits": ("7_2_agreement/limits.tsv", has_cleanings()),
        "reliability": ("7_2_agreement/reliability.tsv", has_cleanings()),
        "responders": (
            "7_3_responsiveness/responders.tsv",
            has_change() and (sparcc_scores() or study_table("clinical")),
        ),
        "response_means": ("7_3_responsiveness/response_means.tsv", has_change()),
        "regression": ("7_3_responsiveness/change_regression.tsv", has_change() and sparcc_scores()),
        "tally": ("7_4_failure/tally.tsv", several),
    }
    return {name: f"<results>/{path}" if wanted and all_read() else [] for name, (path, wanted) in there.items()}


def reported_counts():
    """Counts of the study that its tables and its config give."""
    sources = [chosen_region(scan)[0] for scan in measurable()]
    named = {"manual": "manual masks", "corrected": "corrected masks", "ensemble": "the ensemble"}
    return {
        "subjects": len({row["subject"] for row in SCANS.values()}),
        "scans": len(SCANS),
        "measured": len(measurable()),
        "members": len(ensemble_members()),
        "regions": {name: sources.count(source) for source, name in named.items()},
        "sparcc": bool(sparcc_scores()),
        "clinical": bool(study_table("clinical")),
    }


def targets_of_reporting():
    """The methods paragraph, as soon as there are measurements."""
    return ["<results>/8_reporting/methods.txt"] if all_read() else []
