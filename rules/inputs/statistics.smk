# What the statistics of section 2.7 are computed from, and which of them a study's tables allow.

MADE_TABLES = ("scores", "sparcc_sheets", "clinical")  # of a simulated study: made next to its scans


def study_table(name):
    """Path of a study's table: made by the simulation, or written by hand; an empty list where it has no rows."""
    if CONFIG["simulation"] and name in MADE_TABLES:
        return f"<results>/0_scans/{name}.tsv"
    return f"{STUDY.folder}/{name}.tsv" if STUDY.tables[name] else []


def sparcc_scores():
    """SPARCC of every scan and reader; an empty list where nobody scored."""
    return "<results>/7_0_cohort/sparcc.tsv" if study_table("scores") or study_table("sparcc_sheets") else []


def subjects_of_scans():
    """Subject and session of every scan of scans.tsv."""
    return scan_rows(SCANS, "subject", "session")


def scans_on_their_way():
    """How far each scan gets, stage by stage."""
    cleaned = {(scan, reader) for (scan, reader, trial, method), row in READINGS.items()
               if method == "semiautomatic" and trial == "1" and not is_open(row)}  # fmt: skip
    return [
        {column: row[column] for column in ("scan", "subject", "session")}
        | {"T1w scan": True, "STIR scan": row["stir"] is not None, "normal marrow": row["normal_bone"] is not None}
        | {"disease region": has_region(scan), "preliminary segmentation": scan in measurable()}
        | {"cleaned by all readers": all((scan, reader) in cleaned for reader in CONFIG["readers"] or ["-"])}
        for scan, row in SCANS.items()
    ]


def has_cleanings():
    """Whether V_HI of the first semi-automatic reading can be analysed: all is read, and some of it that way."""
    return all_read() and any(method == "semiautomatic" for *_, method in READINGS)


def targets_of_statistics():
    """Cohort, overlap and agreement, as far as the study's tables go."""
    targets = ["<results>/7_0_cohort/characteristics.tsv"]
    if all_read():
        targets.append("<results>/7_1_overlap/medians.tsv")
    if has_cleanings():
        names = ["limits.tsv", "relation.tsv", "figure_7.png"] + (["figure_6.png"] if sparcc_scores() else [])
        targets += [f"<results>/7_2_agreement/{name}" for name in names]
    return targets
