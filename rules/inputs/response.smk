# What change, response and failure are computed from, and which of them a study's tables allow.


def cleaned_trials():
    """Rows of the first cleaning by each reader: what V_HI is."""
    return [row for row in READINGS.values() if row["method"] == "semiautomatic" and row["trial"] == 1]


def cleaning_readers():
    """Readers with a cleaned reading, in the order of the config."""
    found = {row["reader"] for row in cleaned_trials()}
    return [reader for reader in CONFIG["readers"] if reader in found]


def has_change():
    """Whether a subject was read before and after treatment."""
    sessions = {(SCANS[row["scan"]]["subject"], SCANS[row["scan"]]["session"]) for row in cleaned_trials()}
    return all_read() and any((subject, "post") in sessions for subject, session in sessions if session == "pre")


def clinical_response():
    """Clinical response of every subject; an empty list where there is no clinical table."""
    return "<results>/7_3_responsiveness/clinical_response.tsv" if study_table("clinical") else []


def published_counts():
    """Whether the study's claims hold the published counts of responders."""
    return any(row["id"] == "vhi_sparcc_agreement" for row in STUDY.tables["claims"])


def compared_readings():
    """Scan and reader of every first cleaning with a mask, and where what was kept lies."""
    return {
        (scan, reader): cleaned_file(scan, reader, trial) for scan, reader, trial in cleaned_readings() if trial == "1"
    }


def targets_of_response():
    """Change, response and failure, as far as the study's tables go."""
    targets = []
    if has_change():
        names = ["changes.tsv", "detectable_change.tsv", "response_means.tsv", "figure_9.png"]
        if sparcc_scores():
            names.append("change_regression.tsv")
        if sparcc_scores() or study_table("clinical"):
            names.append("responders.tsv")
        targets += [f"<results>/7_3_responsiveness/{name}" for name in names]
    if published_counts():
        targets.append("<results>/7_3_responsiveness/published_counts.tsv")
    if all_read() and len(cleaning_readers()) > 1:
        targets += [f"<results>/7_4_failure/{name}" for name in ("tally.tsv", "pages")]
    return targets + targets_of_scan_figures() + targets_of_reporting()
