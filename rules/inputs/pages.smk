# What the pages of scans and subjects show.

from vhi.report.inventory import expected_parts, missing_sessions, state_of_reading


def summarised_subjects():
    """Subjects with a cleaned reading, in the order of the scans."""
    read = {row["scan"] for row in cleaned_trials() if not is_open(row)} & measurable().keys()
    return list(dict.fromkeys(row["subject"] for scan, row in SCANS.items() if scan in read))


def summarised_scans(subject):
    """Scans of a subject with a cleaned reading."""
    read = {row["scan"] for row in cleaned_trials() if not is_open(row)}
    return [scan for scan, row in SCANS.items() if row["subject"] == subject and scan in read and scan in measurable()]


def cleaned_of(scans):
    """Scan and reader of every first cleaning with a mask of these scans, and the mask."""
    return {key: path for key, path in compared_readings().items() if key[0] in scans}


def first_readings(scans):
    """Every first cleaning of these scans that is handed in, as mask or as published count."""
    columns = ("scan", "reader", "vhi_voxels")
    return [
        {column: row[column] for column in columns}
        for row in cleaned_trials()
        if row["scan"] in scans and not is_open(row)
    ]


def summary_detectable():
    """Table of the smallest detectable change; an empty list where fewer than two readers give none."""
    several = has_change() and len(cleaning_readers()) > 1
    return "<results>/7_3_responsiveness/detectable_change.tsv" if several else []


def targets_of_summaries():
    return [f"<results>/9_pages/subjects/{subject}.png" for subject in summarised_subjects()]


def region_shown(scan):
    """The ensemble's region and probability, where the page can show in what its members disagree; an empty list otherwise."""
    folder = "<results>/3b_disease_region/ensemble"
    return [f"{folder}/{scan}_probability.nii.gz"] if scan in segmentable() else []


def page_inputs(scan):
    """Results of a scan that its page shows, by name; an empty list for what the study has not."""
    measured, folder = scan in measurable(), "<results>/5_small_regions"
    limited = scan in scans_with("stir", "normal_bone")
    return {
        "stir": SCANS[scan]["stir"] or [],
        "marrow": (SCANS[scan]["normal_bone"] or []) if limited else [],
        "region": f"<results>/3b_disease_region/{scan}.nii.gz" if has_region(scan) else [],
        "probability": region_shown(scan),
        "intensities": f"<results>/1_normal_bone/{scan}.tsv" if limited else [],
        "limits": f"<results>/2_threshold/{scan}.json" if limited else [],
        "preliminary": f"{folder}/{scan}.nii.gz" if measured else [],
        "stability": f"{folder}/{scan}_stability.tsv" if measured else [],
        "cleaned": list(cleaned_of([scan]).values()),
        "quality": "<results>/3b_disease_region/quality.tsv" if scan in segmentable() else [],
    }


def of_page(name):
    """Input function: what the page of the wildcard's scan shows under a name."""
    return lambda wildcards: page_inputs(wildcards.scan)[name]


def expected_of_scan(scan):
    """What a study expects of a scan and whether it is there: rows of `what state note`."""
    return expected_parts(
        SCANS[scan],
        chosen_region(scan)[0] if has_region(scan) else None,
        CONFIG["readers"],
        {row["reader"]: state_of_reading(row) for row in cleaned_trials() if row["scan"] == scan},
        scan in STUDY.with_stir,
    )


def targets_of_pages():
    return ["<results>/9_pages/scans.html"]


def walked_scan():
    """The scan of the walkthrough: the first that the config names for the figures, else the first with a cleaned mask."""
    candidates = [*CONFIG["figures"]["example_scans"], *(scan for scan, _ in compared_readings()), *measurable()]
    found = [scan for scan in candidates if scan in measurable()]
    if not found:
        raise WorkflowError(f"study {STUDY.label} has no scan with a preliminary segmentation to walk through")
    return found[0]


def targets_of_notebooks():
    """Executed notebooks as pages; that on agreement where two readers measured."""
    names = ["walkthrough"] if measurable() else []
    names += ["agreement"] if all_read() and len(cleaning_readers()) > 1 else []
    return [f"<results>/notebooks/{name}.html" for name in names]
