"""Read what a training needs and write what it gives, while it runs."""

import copy
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from vhi.io.errors import InputError
from vhi.io.images import Image, check_same_grid, read_mask, read_scan
from vhi.io.progress import duration
from vhi.io.tables import write_table
from vhi.io.terminal import say
from vhi.region.ensemble import average, predict, rounded
from vhi.region.members import read_member, write_member
from vhi.region.protocols import Config
from vhi.region.slices import Slices
from vhi.region.training import Trainer, read_checkpoint, write_checkpoint
from vhi.region.unet import UNet
from vhi.statistics.overlap import dice_per_slice

EVERY_S = 60
"""Seconds between two lines of a training on the terminal, at least; the table of progress has every epoch."""


def read_annotated(paths: Sequence[str], slice_axis: int | None = None) -> list[tuple[np.ndarray, np.ndarray]]:
    """Read T1w scans and their manual disease regions.

    Parameters
    ----------
    paths : sequence of str
        T1w, mask, T1w, mask, ...
    slice_axis : int, optional
        The stored slice axis where the spacing does not tell it.

    Returns
    -------
    list of (T1w, mask)
        Arrays (slices, rows, columns) in presentation order.

    Raises
    ------
    InputError
        Where there is none, or a mask lies on another grid.
    """
    if not paths:
        raise InputError(
            "no annotated scan: expected scans with a manual disease region and the role train in scans.tsv"
        )
    return [(t1w.volume, mask.volume) for t1w, mask in annotated_images(paths, slice_axis)]


def annotated_images(paths: Sequence[str], slice_axis: int | None = None) -> Iterator[tuple[Image, Image]]:
    """Give the T1w scans and masks of `read_annotated` one by one, with their grids."""
    for t1w_path, mask_path in zip(paths[::2], paths[1::2], strict=True):
        t1w, mask = read_scan(t1w_path, slice_axis), read_mask(mask_path, slice_axis=slice_axis)
        check_same_grid(mask, t1w)
        yield t1w, mask


def trainer_of(config: Config, scans: Sequence[tuple], validation: Sequence[tuple] = ()) -> Trainer:
    """Prepare a training on scans, each as (T1w, mask), with as many neighbouring slices as the network sees at once."""
    channels = config.unet.get("in_channels", 1)
    seen, unseen = (Slices(*zip(*part, strict=True), channels) if part else None for part in (scans, validation))
    return Trainer(seen, config, unseen)


def train_to_files(trainer: Trainer, weights: dict[int, str], progress: str, name: str, **facts: object) -> None:
    """Train to the end, going on from a checkpoint where there is one.

    The checkpoint lies beside the table of progress until the training is done, so that a training that was killed goes on
    exactly where its last epoch ended.

    Parameters
    ----------
    trainer : Trainer
        Not yet started.
    weights : dict of int to str
        Where to write the weights after this many steps; each must be the end of an epoch or of the training.
    progress : str
        Table of progress, rewritten after every epoch.
    name : str
        Of the training, for the lines of progress on the terminal.
    **facts
        What else to record in the weights' metadata.
    """
    checkpoint = Path(progress).with_name("checkpoint.pt")
    rows, written = [], {}

    def write_weights(step):
        unet = copy.deepcopy(trainer.kept)
        unet.load_state_dict(written[step])
        write_member(weights[step], unet, step=step, training=vars(trainer.config), **facts)

    if checkpoint.is_file():
        state = read_checkpoint(checkpoint)
        trainer.load(state)
        rows, written = state["rows"], state["written"]
        for step in written:  # Snakemake removed the files of the training that was killed
            write_weights(step)
        say(f"{name}: goes on from step {trainer.step} of {trainer.config.steps}")
    told = time.monotonic()
    for row in trainer.run():
        rows.append(row)
        write_table(progress, pd.DataFrame(rows).drop(columns=["seconds_per_step", "seconds_left"]))
        if row["step"] in weights:
            written[row["step"]] = {
                key: value.detach().cpu().clone() for key, value in trainer.kept.state_dict().items()
            }
            write_weights(row["step"])
        write_checkpoint(checkpoint, trainer.state() | {"rows": rows, "written": written})
        done = row["step"] == trainer.config.steps
        if done or time.monotonic() - told >= EVERY_S:
            told = time.monotonic()
            said = f"{name}: step {row['step']} of {trainer.config.steps}, loss {row['loss']:.4f}, soft Dice {row['dice']:.4f}"
            say(said if done else f"{said}, {duration(row['seconds_left'])} left")
    checkpoint.unlink(missing_ok=True)


def dice_both_ways(
    members: Sequence[UNet],
    t1w: np.ndarray,
    mask: np.ndarray,
    averaged: dict,
    rounding: dict,
    precision: str = "auto",
    threads: int | None = None,
) -> dict[str, list[np.ndarray]]:
    """Dice per slice as the paper predicts (``dice``), and as the study does (``dice_averaged``).

    Parameters
    ----------
    members : sequence of UNet
    t1w, mask : array (slices, rows, columns)
    averaged, rounding : dict
        What the study averages, as arguments of `vhi.region.ensemble.predict`, and how it rounds, as those of `rounded`.
    precision, threads
        As `vhi.region.ensemble.predict` takes them.

    Returns
    -------
    dict of list of array (slices,)
        For either way the average of the members first, then each of them.
    """
    scores = {}
    for way, views, how in (("dice", {}, {}), ("dice_averaged", averaged, rounding)):
        probabilities = predict(members, t1w, precision, threads, **views)
        scores[way] = [dice_per_slice(rounded(p, **how), mask) for p in (average(probabilities), *probabilities)]
    return scores


def judge_weights(
    weights: dict[int, str],
    scans: Sequence[tuple[str, np.ndarray, np.ndarray]],
    threads: int | None,
    averaged: dict,
    rounding: dict,
) -> pd.DataFrame:
    """Dice of a network, after each number of steps, on the slices of scans that it has not seen.

    Parameters
    ----------
    weights : dict of int to str
        File of weights by steps.
    scans : sequence of (name, T1w, mask)
    threads, averaged, rounding
        As `dice_both_ways` takes them.

    Returns
    -------
    DataFrame
        ``scan slice dice dice_averaged steps``: as the paper predicts, and as the study does; slices from 1; a slice
        without any region on both sides has no Dice.
    """
    rows = []
    for steps, path in weights.items():
        member = [read_member(path)]
        for scan, t1w, mask in scans:
            both = dice_both_ways(member, t1w, mask, averaged, rounding, threads=threads)
            scores = {way: dice for way, (dice, _) in both.items()}
            rows.append(pd.DataFrame({"scan": scan, "slice": range(1, len(mask) + 1), **scores, "steps": steps}))
    return pd.concat(rows, ignore_index=True)
