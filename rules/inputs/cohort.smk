# Inputs of a cohort of one's own: pretrained ensembles by name, regions on another grid. Functions only.


def named_member(ensemble, member):
    """Address and checksum of a member of the ensemble that the config names."""
    for row in STUDY.ensemble if ensemble == CONFIG["ensemble"]["source"] else []:
        if row["file"] == member:
            return {"url": row["url"], "sha256": row["sha256"]}
    raise WorkflowError(
        f"data/ensembles/{ensemble}/{member}: study {STUDY.label} does not use this ensemble (ensemble.source: "
        f"{CONFIG['ensemble']['source']})"
    )


def targets_of_cohort():
    """What carrying regions onto another grid did, where it is asked for."""
    carried = CONFIG["disease_region"]["resample"] and measurable()
    return ["<results>/3b_disease_region/resampled.tsv"] if carried else []
