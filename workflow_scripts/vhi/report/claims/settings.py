"""Constants of the protocol as a run is set to them, beside those that the paper prints. A setting is no result."""

from collections.abc import Mapping

from vhi.region.protocols import DEVIATIONS, FLIPPED, PROTOCOLS
from vhi.statistics.disagreement import DISCREPANT_SD
from vhi.statistics.response import ASDAS_FALL, ASDAS_INACTIVE, BASDAI_FALL, HALF, SPINAL_FALL_CM
from vhi.statistics.sparcc import MAXIMUM, QUADRANTS, SLICES


def settings_of(config: Mapping) -> dict[str, float | str]:
    """Give the settings of a run by the names that the column `setting` of claims.tsv uses.

    Parameters
    ----------
    config : mapping
        A study's complete config. Where it trains no network, the training constants are those of protocol `paper`.

    Returns
    -------
    dict
        Values by dotted name; ``training`` says in words whose training constants they are.
    """
    limits, training, clinical = config["limits"], config["training"], config["clinical"]
    trained = config["ensemble"]["source"] == "trained"
    name = training["protocol"] if trained else "paper"
    protocol = PROTOCOLS[name]
    rule = config["response"]["clinical_rule"]
    by_rule = {"basdai_fall": BASDAI_FALL, "spinal_fall": SPINAL_FALL_CM}
    if rule != "paper2023":
        by_rule = dict.fromkeys(by_rule, f"rule {rule}")
    grid = {key: ", ".join(map(str, sorted(training[key]))) for key in ("epochs", "levels", "kernels")}
    if name != "paper":
        grid = dict.fromkeys(grid, f"one recipe, {name}")
    return {
        **{f"limits.{key}": limits[key] for key in ("n_start", "n_step", "iqr_share", "vhi")},
        "small_regions.minimum_pixels": config["small_regions"]["minimum_pixels"],
        "overlap.composite_votes": config["overlap"]["composite_votes"],
        **{f"clinical.repeat_weeks.{drug}": weeks for drug, weeks in clinical["repeat_weeks"].items()},
        "clinical.repeat_tolerance_weeks": clinical["repeat_tolerance_weeks"],
        **{f"response.{key}": value for key, value in by_rule.items()},
        "response.basdai50": 100 * HALF,
        "response.asdas_fall": f">= {ASDAS_FALL:g}",
        "response.asdas_inactive": f"< {ASDAS_INACTIVE:g}",
        "sparcc.slices": SLICES,
        "sparcc.quadrants": 2 * len(QUADRANTS),
        "sparcc.maximum": MAXIMUM,
        "failure.discrepant_sd": DISCREPANT_SD,
        "training": f"protocol {name}" + ("" if trained else "; this run trains no network"),
        **{f"training.{key}": training[key] for key in ("folds", "members")},
        **{f"training.{key}": value for key, value in grid.items()},
        "training.batch": protocol.batch,
        "training.rate": protocol.rate,
        "training.steps_per_epoch": protocol.epoch,
        "training.optimiser": "Adam" if not protocol.weight_decay else "AdamW",
        "training.loss": "binary cross entropy" + (" and soft Dice" if protocol.dice else ""),
        "training.flipped": FLIPPED,
        "training.deviations": DEVIATIONS,
    }
