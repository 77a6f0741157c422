"""The model card that goes with trained networks: what they are, what they were trained on, how they do and where they fail."""

from pathlib import Path

import pandas as pd
from scipy import stats

from vhi.region.protocols import averaging_in_words

TEMPLATE = Path(__file__).parent / "templates" / "model_card.md"
RATHER = {
    "fast": "half of the resolution inside (blocks of 2 x 2 pixels), stronger augmentation, Dice loss beside the cross entropy",
    "robust": "as `fast`, trained almost twice as long, with the marrow of half of the slices made fatty, sclerotic or patchy",
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
    words = averaging_in_words(facts)
    columns = ["version", "n", "mean_absolute_error", "failures", "failures_flagged", "good", "good_flagged"]
    filled = facts | {
        "data": "**Simulated scans: of no use on patients.**" if facts["simulated"] else "Scans of patients.",
        "rather": RATHER[facts["protocol"]],
        "predicted": f" Predictions are {words}." if words else "",
        "cross_validated": _cross_validated(cross_validation),
        "tested": _tested(test, facts["protocol"]),
        "judged": _table(judged[columns]),
        "weights": "\n".join(f"    - {name}" for name in facts["files"] if name.endswith(".safetensors")),
        "mirrored": str(facts["mirrored"]).lower(),
        "checksums": "\n".join(f"| `{name}` | `{digest}` |" for name, digest in facts["files"].items()),
    }
    return TEMPLATE.read_text(encoding="utf-8").format(**filled)


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
