# Which scans the figures of single scans show.

CANDIDATES = 100  # every image of every candidate is an input of three figures: a third of the plan of 2,000 scans


@cache
def shown_scans():
    """Scans that Figs 1, 3 and 8 may show: the configured ones, or the first of those with a preliminary segmentation."""
    subject, chosen = CONFIG["figures"]["example_subject"], CONFIG["figures"]["example_scans"]
    check_named("example_scans", chosen, measurable())
    check_named("example_subject", [subject] if subject else [], {SCANS[scan]["subject"] for scan in measurable()})
    first = [] if chosen and subject else list(measurable())[:CANDIDATES]
    shown = {*first, *chosen, *(scan for scan in measurable() if SCANS[scan]["subject"] == subject)}
    return [scan for scan in measurable() if scan in shown]


def check_named(key, names, known):
    """Refuse a name in the config that no figure can show; where no data are there, nothing can be said."""
    unknown = [name for name in names if name not in known]
    if unknown and known and not STUDY.absent:
        refuse(
            f"{STUDY.folder}/config.yaml: figures.{key}: no picture of '{unknown[0]}'; known: {', '.join(sorted(known))}"
        )


def shown_cleanings():
    """Scans of which a first cleaning is a mask, by the first such reader, and the mask."""
    kept, shown = {}, set(shown_scans())
    for (scan, reader), path in compared_readings().items():
        if scan in shown and scan not in kept:
            kept[scan] = {"reader": reader, "path": path}
    return kept


def two_sessions():
    """Whether a subject's scans can be shown before and after treatment."""
    sessions = {(SCANS[scan]["subject"], SCANS[scan]["session"]) for scan in shown_scans()}
    return any((subject, "post") in sessions for subject, session in sessions if session == "pre")


def tested_region(scan):
    """The disease region of a test scan by networks that have not seen it, where the study trains them; else the ensemble's."""
    return (
        f"<results>/8_scan_figures/test_regions/{scan}.nii.gz"
        if is_trained()
        else (f"<results>/3b_disease_region/ensemble/{scan}.nii.gz")
    )


def failed_scans():
    """Scans of Fig S2 that a human has named or rated as failed; empty where the predicted Dice is to choose."""
    named = CONFIG["figures"]["failure_scans"]
    check_named("failure_scans", named, segmentable())
    named = named or [row["scan"] for row in STUDY.tables["region_review"] if row["rating"] == "failed"]
    return [scan for scan in named if scan in segmentable()]


def targets_of_scan_figures():
    """Figures of single scans that the study's tables allow."""
    names = []
    if shown_scans():
        names += ["figure_1", "figure_3"] + (["figure_8"] if two_sessions() else [])
    if test_scans():
        names.append("figure_2")
    if segmentable():
        names.append("figure_s2")
    return [f"<results>/8_scan_figures/{name}.png" for name in names]
