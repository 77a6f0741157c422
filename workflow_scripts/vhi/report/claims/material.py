"""Claims of section 2: cohort, protocol, data partition and readings, from headers and from counts of scans."""

from vhi.report.claims import words
from vhi.report.claims.evidence import Finding, claim, listed


def _of_stir(evidence):
    return evidence.scans[evidence.scans["echo_time_ms"].notna()]


@claim("echo_time", "repetition_time")
def _times(evidence, name):
    times = _of_stir(evidence)[f"{name}_ms"].dropna().round()
    if times.empty:
        return Finding()
    kinds = times.value_counts().sort_index()
    told = listed(f"{time:g} ms ({count})" for time, count in kinds.items())
    return Finding(float(times.median()), f"median of {len(times)} STIR headers, which say {told}", words.HEADERS)


@claim("pixel_spacing", "image_matrix", "fewest_slices", "most_slices")
def _geometry(evidence, name):
    stir = _of_stir(evidence)
    if stir.empty:
        return Finding()
    value = {
        "pixel_spacing": stir["spacing_mm"].median(),
        "image_matrix": stir["rows"].max(),
        "fewest_slices": stir["slices"].min(),
        "most_slices": stir["slices"].max(),
    }[name]
    return Finding(float(value), f"headers of {len(stir)} STIR scans", words.HEADERS)


@claim("slice_thickness")
def _slice_thickness(evidence):
    apart = _of_stir(evidence)["between_slices_mm"]
    note = (
        "" if apart.empty else f"; slice centres are {apart.median():.2g} mm apart, which a gap of 0.3 mm would explain"
    )
    return Finding(note="NIfTI headers hold no slice thickness" + note, status=words.NOT_PUBLIC)


def _part(evidence, name):
    roles = {"annotated": ["train", "test"], "training": ["train"], "test": ["test"]}[name.split("_")[0]]
    return evidence.scans[evidence.scans["role"].isin(roles) & evidence.scans["annotated"].astype(bool)]


@claim("annotated_subjects", "training_subjects", "test_subjects", "annotated_slices", "training_slices", "test_slices")
def _partition(evidence, name):
    part = _part(evidence, name)
    if part.empty:
        return Finding()
    further = int((evidence.scans["annotated"].astype(bool) & (evidence.scans["role"] == "apply")).sum())
    note = "counted in the public scans, by their roles"
    if further:
        note += f"; {further} further scans have a manual region, but no part in training or test"
    if name.endswith("slices"):
        return Finding(int(part["slices"].sum()), note, words.HEADERS)
    return Finding(int(part["subject"].nunique()), note, words.COUNTS)


@claim("fold_training_slices", "fold_validation_slices", "fold_training_subjects", "fold_validation_subjects")
def _folds(evidence, name):
    part, parts = _part(evidence, "training"), 3 if "training" in name else 1
    if part.empty or part["slices"].nunique() > 1 or len(part) % 4:
        return Finding(note="no training scans of one number of slices that four folds could share")
    note = f"{parts} of four equal parts of {len(part)} training scans; who is in which is not public"
    if name.endswith("subjects"):
        return Finding(part["subject"].nunique() // 4 * parts, note, words.COUNTS)
    return Finding(int(part["slices"].sum()) // 4 * parts, note, words.HEADERS)


@claim("best_epochs", "best_levels", "best_kernel")
def _selected(evidence, name):
    if not evidence.selected:
        return Finding(rests_on=words.UNTRAINED, status=words.NOT_RUN)
    levels, kernel = (int(part.split("-")[1]) for part in evidence.selected["setting"].split("_"))
    ours = {"best_epochs": evidence.selected["steps"] // 350, "best_levels": levels, "best_kernel": kernel}[name]
    return Finding(ours, "selected by cross-validation over the whole grid", words.TRAINED)


@claim("manual_subset", "manual_trials")
def _manual(evidence, name):
    if evidence.measurements is None:
        return Finding()
    manual = evidence.measurements[evidence.measurements["method"] == "manual"]
    if manual.empty:
        return Finding()
    if name == "manual_trials":
        return Finding(
            int(manual.groupby(["scan", "reader"]).size().max()), "most manual masks of a scan and reader", words.COUNTS
        )
    return Finding(int((manual.groupby("scan").size() == 4).sum()), "scans with four manual masks", words.COUNTS)


@claim("evaluation_subjects", "evaluation_scans")
def _evaluation(evidence, name):
    printed = evidence.printed
    implied = {
        "evaluation_subjects": printed["subjects"] - printed["annotated_subjects"],
        "evaluation_scans": 2 * printed["evaluation_subjects"],
    }[name]
    return Finding(implied=implied, rests_on=words.TABLES, status=words.CONTRADICTS)
