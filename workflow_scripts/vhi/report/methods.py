"""The methods in words, and the main numbers, written from config and results, to be pasted into a manuscript."""

from collections.abc import Mapping

import pandas as pd

from vhi.io.tables import TAKEN_AS
from vhi.region.protocols import averaging_in_words
from vhi.report.html import render
from vhi.statistics.primary import declared_in_words
from vhi.statistics.response import RULES


def numbers(table: pd.DataFrame | None, decimals: int, **where) -> str:
    """Print the estimate of the one row that fits as ``estimate (95 % CI low to high)``; "" where there is none.

    Parameters
    ----------
    table : DataFrame or None
        With ``estimate ci_low ci_high``.
    decimals : int
    **where
        Column and value.
    """
    if table is None:
        return ""
    for column, value in where.items():
        table = table[table[column] == value]
    if table.empty or pd.isna(table["estimate"].iloc[0]):
        return ""
    row = table.iloc[0]
    text = f"{row['estimate']:,.{decimals}f}"
    known = pd.notna(row["ci_low"])
    return text + (f" (95 % CI {row['ci_low']:,.{decimals}f} to {row['ci_high']:,.{decimals}f})" if known else "")


def said(config: Mapping, counts: Mapping) -> dict:
    """Name what the templates of words say of a study, from its config and counts (see `methods_paragraphs`)."""
    regions = ", ".join(f"{what} in {n}" for what, n in counts["regions"].items() if n)
    named = {"limits": config["limits"], "small": config["small_regions"], "readers": config["readers"]}
    return {"config": config, "counts": counts, "regions": regions, **named}


def methods_paragraphs(config: Mapping, counts: Mapping) -> list[str]:
    """Describe what was done, in the words of two templates.

    Parameters
    ----------
    config : mapping
        The study's config, defaults filled in.
    counts : mapping
        ``subjects scans imaged measured cleaned published trials_by_hand scans_by_hand members regions``, with published the readings
        known by their count alone and regions the number of scans by the source of their disease region; ``sparcc`` and
        ``clinical`` (bool); ``paired``, the subjects with both sessions.

    Returns
    -------
    list of str
    """
    unit = config["statistics"]["vhi_unit"]
    words = {"unit": unit, "taken_as": TAKEN_AS, "rules": RULES, "averaging": averaging_in_words(config["ensemble"])}
    whose = "consensus" if config["reading_room"]["vhi"] == "consensus" else "mean"
    words |= said(config, counts) | _primary(counts, config["statistics"]["primary"], len(config["readers"]) > 1, whose)
    names = ("methods_measurement.txt", "methods_statistics.txt")
    return [" ".join(render(name, **words).split()) for name in names]


def _primary(counts, declared, two, whose="mean"):
    """Name the primary analyses that the config declares, and those of Dice and response; the paper declares none."""
    found = declared_in_words(declared, two, counts["sparcc"])
    named = found["primary"]
    named += ["the gain in Dice by cleaning, one contrast per scan"] if two and counts["scans_by_hand"] else []
    if counts["paired"]:
        pairs = ["clinical response and V_HI", "clinical response and SPARCC"] if counts["clinical"] else []
        pairs = pairs if counts["sparcc"] else pairs[:1]
        pairs += ["V_HI and SPARCC"] if counts["sparcc"] else []
        judged = f"any fall of the {whose} of the readers" if two else "any fall"
        named += [f"agreement on response ({judged}) between {', between '.join(pairs)}"] if pairs else []
    return found
