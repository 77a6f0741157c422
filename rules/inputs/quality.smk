# What the trust in a disease region is computed from.


def calibration_networks():
    """Networks whose failures are studied: those of the folds, on scans that they have not seen; else the members."""
    if not is_trained():
        return CONFIG["ensemble"]["members"]
    return expand("{training}/steps-{steps}.safetensors", training=fold_trainings(), steps=training_lengths())


def calibration_roles():
    """Scans of the folds are training scans; members from files are tried on every annotated scan."""
    return ("train",) if is_trained() else ("train", "test")


def failure_model():
    """Model of the predicted Dice: fitted here, or come with the ensemble; an empty list without either."""
    if is_trained():
        return "<results>/3b_disease_region/failure_model.json"
    model = CONFIG["ensemble"]["failure_model"]
    return f"{STUDY.folder}/{model}" if model else []


def release_files():
    """Weights for use with their model card, of a study that trains."""
    targets_of_training()  # raises where the networks come from files
    return "<results>/3a_unet_training/release/MODEL_CARD.md"


def reviewed_scans():
    """Scans that the ensemble segmented and nobody drew: what the paper assessed by eye."""
    drawn = {scan for scan in segmentable() if "manual" in drawn_regions(scan)}
    return [scan for scan in segmentable() if scan not in drawn] or segmentable()


def targets_of_quality():
    """Which scans need a look, and how well that is known."""
    if not segmentable():
        return []
    files = ["quality.tsv"] + (["figure_failure.png"] if is_trained() else [])
    files += ["visual_assessment.tsv"] if STUDY.tables["region_review"] else []
    return [f"<results>/3b_disease_region/{name}" for name in files]
