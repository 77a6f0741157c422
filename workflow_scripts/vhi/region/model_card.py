"""The model card that goes with trained networks: what they are, what they were trained on, how they do and where they fail."""

import pandas as pd
from scipy import stats

from vhi.region.protocols import averaging_in_words

RATHER = {
    "fast": "half of the resolution inside (blocks of 2 x 2 pixels), stronger augmentation, Dice loss beside the cross entropy",
    "thorough": "as `fast`, trained almost four times as long",
    "paper": "the paper's own, with the setting that cross-validation selected",
}

LENGTHENED = (
    " The length of `thorough` was itself chosen after looks at the test scans of the paper's study (1003 and 2014): on these "
    "scans it has no test estimate."
)


def model_card(facts: dict, cross_validation: pd.DataFrame, test: pd.DataFrame, judged: pd.DataFrame) -> str:
    """Write a model card in Markdown.

    Parameters
    ----------
    facts : dict
        ``title simulated protocol setting steps members mirrored scales smoothing smallest_part
        subjects scans slices files`` (name to SHA-256).
    cross_validation : DataFrame
        As `vhi.region.folds.compare_settings` gives it.
    test : DataFrame
        Dice per test slice, ``dice dice_averaged``; empty without test scans.
    judged : DataFrame
        As `vhi.region.judged.judge` gives it, one row per version.

    Returns
    -------
    str

    References
    ----------
    .. [1] Mitchell et al. Model cards for model reporting. FAT* 2019: 220-229.
    """
    data = "**Simulated scans: of no use on patients.**" if facts["simulated"] else "Scans of patients."
    files = "\n".join(f"| `{name}` | `{digest}` |" for name, digest in facts["files"].items())
    words = averaging_in_words(facts)
    parts = [
        f"# Disease region of the pelvis on T1w MRI: {facts['members']} networks",
        "Research use only; not a medical device.",
        "## What it is",
        f"{facts['members']} two-dimensional U-Nets whose average, rounded, outlines all bone of the imaged pelvis "
        "on oblique coronal T1w slices: step (iii) of Hepburn et al., PLoS ONE 2023, 18(4): e0284508. "
        f"Protocol `{facts['protocol']}` (setting `{facts['setting']}`, {facts['steps']:,} steps): {RATHER[facts['protocol']]}."
        + (f" Predictions are {words}." if words else ""),
        "## What it was trained on",
        f"Study: {facts['title']}. {data} {facts['subjects']} subjects, {facts['scans']} scans, {facts['slices']} slices, "
        "one annotator's outlines. The networks of this release have seen "
        "all annotated scans, those of the test too; the figures below come from networks that had not.",
        "## How it does",
        _cross_validated(cross_validation),
        _tested(test, facts["protocol"]),
        "## Where it fails",
        "Marrow that the training set lacks: the paper's network failed on very fatty and on sclerotic marrow "
        "(3 of 19 subjects). Other sequences, planes, field strengths and scanners have not been tried. Every segmentation comes "
        "with a predicted Dice and a flag (`3b_disease_region/quality.tsv`); it does not replace looking. Below, scans as they are "
        "and made abnormal, predicted without the subject's own scans. Versions of one subject are not independent, and real failures "
        "may look otherwise, so that the shares of failures flagged have no interval:",
        _table(judged[["version", "n", "mean_absolute_error", "failures", "failures_flagged", "good", "good_flagged"]]),
        "## How to use it",
        "Put the files beside your data, name them in the study's config, and copy `failure_model.json` into the study's folder:",
        "```yaml\nensemble:\n  members:\n"
        + "\n".join(f"    - {name}" for name in facts["files"] if name.endswith(".safetensors"))
        + f"\n  mirrored: {str(facts['mirrored']).lower()}\n  scales: {facts['scales']}\n  smoothing: {facts['smoothing']}"
        f"\n  smallest_part: {facts['smallest_part']}\n  failure_model: failure_model.json\n```",
        "Input: T1w slices of the sacroiliac joints in any storage order. The weights load without executing code.",
        "## Files",
        f"| file | SHA-256 |\n|---|---|\n{files}",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _cross_validated(table: pd.DataFrame) -> str:
    best = table.iloc[0]
    interval = "no interval from fewer than three folds"
    if best["folds"] > 2:
        half = stats.t.ppf(0.975, best["folds"] - 1) * best["sd_of_folds"] / best["folds"] ** 0.5
        low, high = best["mean_dice"] - half, min(1, best["mean_dice"] + half)
        interval = (
            f"95 % CI {low:.3f} to {high:.3f}, from the means of {best['folds']} folds, which share training scans"
        )
    return (
        f"Cross-validation by subject, on the training scans alone: mean slice Dice {best['mean_dice']:.3f} ({interval}); "
        f"predicted as told above {best['mean_dice_averaged']:.3f}.\n\n" + _table(table)
    )


def _tested(test: pd.DataFrame, protocol: str) -> str:
    if test.empty:
        return "No test scans."
    scores = ", ".join(
        f"{name} {test[column].mean():.3f} ({test[column].min():.3f} to {test[column].max():.3f} by slice)"
        for name, column in (
            ("averaged over the networks alone", "dice"),
            ("predicted as told above", "dice_averaged"),
        )
    )
    return (
        f"Test scans, {len(test)} slices of {test['scan'].nunique()} scans, by networks trained without them: mean Dice {scores}. "
        "Slices of one subject resemble each other: what counts is the number of subjects. The study's `test_log.tsv` lists how often "
        "these scans were looked at; what was chosen after a look has no test estimate."
        + (LENGTHENED if protocol == "thorough" else "")
    )


def _table(frame: pd.DataFrame) -> str:
    rows = [
        "| " + " | ".join(f"{value:.4g}" if isinstance(value, float) else str(value) for value in row) + " |"
        for row in frame.itertuples(index=False)
    ]
    return "\n".join(["| " + " | ".join(frame.columns) + " |", "|" + "---|" * len(frame.columns), *rows])
