# Which patches of normal marrow are drawn, and which are proposed.


def with_drawn_marrow():
    """Scans whose patch a reader drew: what the networks learn from."""
    return [scan for scan in scans_with("stir", "normal_bone") if SCANS[scan]["normal_bone"] != proposed_patch(scan)]


def marrow_subjects():
    return sorted({SCANS[scan]["subject"] for scan in with_drawn_marrow()})


def marrow_folds():
    """Numbers of the folds: as many as configured, and as there are subjects."""
    return list(range(1, 1 + min(CONFIG["normal_bone"]["folds"], len(marrow_subjects()))))


def marrow_compared():
    """Scans where the proposed patch can be set beside a drawn one."""
    return [scan for scan in with_drawn_marrow() if scan in measurable()]


def targets_of_normal_bone():
    """The comparison, where proposed patches are used; by hand: target `normal_bone`."""
    if CONFIG["normal_bone"]["source"] == "drawn":
        return []
    if len(marrow_subjects()) < 2:
        raise WorkflowError(
            f"{STUDY.folder}/config.yaml: normal_bone.source: proposed_where_absent needs patches drawn on scans of at least 2 "
            f"subjects to learn from, found {len(marrow_subjects())}; draw them, or set normal_bone.source: drawn"
        )
    return normal_bone_comparison()


def normal_bone_comparison():
    return ["<results>/1_normal_bone/figure_proposed.png"] if marrow_compared() else []
