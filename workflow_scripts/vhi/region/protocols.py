"""How the disease region is trained: the paper's protocol (section 2.5.3), the fast one, and the same for longer."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class Config:
    """All that decides the trained weights, beside the slices. The defaults are the paper's protocol.

    The last four change rounding alone, and with it the weights, by little at a step.
    """

    unet: dict = field(default_factory=dict)  # arguments of `vhi.region.unet.UNet`
    seed: int = 0
    steps: int = 35_000  # 100 epochs
    epoch: int = 350  # steps from one row of progress to the next
    batch: int = 4
    augmentation: tuple[str, ...] = ("paper",)  # functions of `vhi.region.augmentation`, in turn
    dice: float = 0.0  # weight of the soft Dice loss beside the cross entropy
    rate: float = 1e-3
    warm_up: int = 0  # first steps, in which the rate rises
    cool_down: float = 0.0  # last fraction of the steps, in which the rate falls to nothing
    weight_decay: float = 0.0
    ema: float = 0.0  # decay of the moving average of the weights, which is then what is kept; 0: the last weights
    device: str = "auto"
    precision: str = "fp32"  # fp64, fp32, bf16; 'auto': bf16 where the processor computes it natively
    channels_last: bool = False
    threads: int = 0  # of torch; 0: its own choice


# Departs from the paper: half of the resolution inside, other augmentation, loss and schedule.
FAST = Config(
    unet={"block": 2},
    steps=2700,
    augmentation=("strong",),
    dice=1.0,
    rate=4e-3,
    warm_up=100,
    cool_down=0.5,
    weight_decay=1e-2,
    ema=0.995,
    precision="auto",
    channels_last=True,
)
PROTOCOLS = {
    "paper": Config(),
    "fast": FAST,
    "thorough": replace(FAST, steps=10_000),
    "robust": replace(
        FAST, steps=5_000, augmentation=("strong", "very_abnormal_marrow")
    ),  # for patients (docs/training.md)
}

# What else is averaged, and how that is rounded, where the study's config leaves it open (`ensemble.mirrored` and the three after it).
AS_THE_PAPER = {"mirrored": False, "scales": [1], "smoothing": 0.0, "smallest_part": 0.0}
# For networks trained by any protocol but the paper's, each chosen by cross-validation on the training subjects (docs/training.md).
AVERAGED = {"mirrored": True, "scales": [0.92, 1, 1.08], "smoothing": 0.1, "smallest_part": 0.005}

DEVIATIONS = 3  # standard deviations by which intensities are divided
FLIPPED = 0.5  # probability that an augmented slice is mirrored

# The search and the ensembles of section 2.5.3, as keys of `training` in a study's config; its other keys decide no more
# than the draw of random numbers, or the trainings that leave a subject out.
PUBLISHED_SEARCH = {
    "protocol": "paper",
    "folds": 4,
    "tried_folds": None,
    "members": 3,
    "abnormal_marrow": False,
    "steps": None,
    "epochs": [60, 100],
    "levels": [2, 4, 6],
    "kernels": [3, 5],
}


def is_published_protocol(training: Mapping, ensemble: Mapping) -> bool:
    """Say whether a study trains, selects and averages as the paper does, with nothing left out, added or shortened.

    Parameters
    ----------
    training, ensemble : mapping
        Of a study's complete config. The order of the grid's values does not matter.
    """

    def same(found, expected) -> bool:
        return (sorted(found) if isinstance(found, list) else found) == expected

    return all(same(training[key], value) for key, value in PUBLISHED_SEARCH.items()) and all(
        same(ensemble[key], value) for key, value in AS_THE_PAPER.items()
    )


def averaging_in_words(ensemble: Mapping) -> str:
    """Say how the members' predictions become a region, beside averaging and rounding them; nothing where as in the paper.

    Parameters
    ----------
    ensemble : mapping
        ``mirrored scales smoothing smallest_part``, as in a study's config.
    """
    over = ["mirrored slices"] if ensemble["mirrored"] else []
    if ensemble["scales"] != [1]:
        over.append(f"slices scaled by {', '.join(f'{scale:g}' for scale in ensemble['scales'])}")
    if ensemble["smoothing"]:
        over.append(f"neighbouring slices ({100 * ensemble['smoothing']:g} % from either)")
    words = [f"averaged over {' and '.join(over)}"] if over else []
    if ensemble["smallest_part"]:
        words.append(f"without parts below {100 * ensemble['smallest_part']:g} % of the largest")
    return ", ".join(words)


def full_steps(protocol: str) -> int:
    """Steps that a protocol asks for; a training of fewer is truncated, and its table says so."""
    return PROTOCOLS[protocol].steps


def weak_lengths(protocol: str, lengths: list) -> list[int]:
    """Steps after which a training of the folds keeps a network that is still weak: it fails on real scans.

    Parameters
    ----------
    protocol : str
    lengths : list of int or ["full"]
        As `setting_config` takes them.

    Returns
    -------
    list of int
        Ends of the first, second and fourth epoch, as far as they lie in the first three tenths of the training.
    """
    whole = full_steps(protocol) if lengths[-1] == "full" else max(lengths)
    return [epochs * Config.epoch for epochs in (1, 2, 4) if epochs * Config.epoch <= 0.3 * whole]


def setting_config(setting: str, lengths: list, seed: int, threads: int, abnormal_marrow: bool = False) -> Config:
    """Give the configuration of a training.

    Parameters
    ----------
    setting : str
        ``fast``, ``robust``, ``thorough``, or ``levels-4_kernel-3`` for a point of the grid of the paper's protocol.
    lengths : list of int or ["full"]
        Steps at which the training is judged; the last is its end, "full" the protocol's own.
    seed, threads : int
    abnormal_marrow : bool
        Make the marrow of some training slices fatty or sclerotic, after the other augmentation. Not in the paper.

    Returns
    -------
    Config
    """
    point = re.fullmatch(r"levels-(\d+)_kernel-(\d+)", setting)
    config = PROTOCOLS["paper" if point else setting]
    if point:
        config = replace(config, unet=config.unet | {"levels": int(point[1]), "kernel": int(point[2])})
    if abnormal_marrow:
        config = replace(config, augmentation=(*config.augmentation, "abnormal_marrow"))
    steps = config.steps if lengths[-1] == "full" else max(lengths)
    return replace(config, steps=steps, seed=seed, threads=threads)
