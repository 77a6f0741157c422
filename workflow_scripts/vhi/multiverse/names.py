"""Outcomes of a universe, what they are called, and the conclusion in one sentence."""

import pandas as pd

ALPHA = 0.05
OF_AGREEMENT = ["bias", "sd", "lower_limit", "upper_limit", "bias_relative", "width_relative"]
OF_CHANGE = ["subjects", "mean_change", "srm", "p_change", "responders"]
OF_PRELIMINARY = ["preliminary_voxels", "preliminary_falls", "preliminary_srm", "composite_dice", "oracle_dice"]
OUTCOMES = [
    *OF_AGREEMENT, "icc", "icc_change", "slope", *OF_CHANGE, "kappa", "agreement", "unjudged", "as_cleaned", *OF_PRELIMINARY,
]  # fmt: skip
WITHOUT_SCALE = {
    "bias_relative": "bias relative to the mean", "width_relative": "width of the limits relative to the mean",
    "icc": "ICC of status", "icc_change": "ICC of change", "srm": "standardised response mean", "responders": "share of responders",
    "kappa": "kappa with clinical response", "preliminary_falls": "share whose preliminary volume falls",
    "preliminary_srm": "SRM of the preliminary volume", "composite_dice": "Dice with the composite",
    "oracle_dice": "Dice of the best cleaning by regions",
}  # fmt: skip
"""Outcomes that can be compared between units and scales, and what they are called."""
WITH_SCALE = {"bias": "bias", "slope": "slope on SPARCC", "mean_change": "mean change"}
ON_VOXELS = ("preliminary_voxels",)


def conclusion(outcomes: pd.DataFrame, joint: pd.DataFrame | None) -> tuple[str, str]:
    """Say in one sentence in how many universes the volume falls, and name the outcome that says so.

    Returns
    -------
    sentence, outcome : str
        ``srm`` of V_HI where it is known in any universe; else ``preliminary_srm``; without scans before and after treatment
        ``composite_dice``.
    """
    for name, what in (("srm", "V_HI"), ("preliminary_srm", "the preliminary volume")):
        known = outcomes[name].dropna()
        if len(known):
            said = f"{what[0].upper() + what[1:]} falls with treatment in {100 * (known < 0).mean():.0f} % of {len(known):,} universes"
            if name == "srm":
                significant = (outcomes["p_change"] < ALPHA) & (outcomes["srm"] < 0)
                said += f", significantly in {100 * significant.sum() / len(known):.0f} %"
                if joint is not None and joint["p"].notna().any():
                    said += f"; joint P of the median effect {joint['p'].iloc[0]:.3g}"
            return said, name
    known = outcomes["composite_dice"].dropna()
    if len(known):
        return (
            f"The Dice with the composite is {known.min():.2f} to {known.max():.2f} in {len(known):,} universes",
            "composite_dice",
        )
    return "No universe has scans before and after treatment, or a composite of manual trials", "composite_dice"
