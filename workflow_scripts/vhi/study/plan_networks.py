"""Plan of a study's scans.tsv and of its networks: where they come from, what trains them, how a user's mistake is told."""

import os
import re
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import NoReturn

from vhi.io.errors import InputError
from vhi.region.protocols import is_published_protocol
from vhi.study.load import Study, own_version

TRAINED = "<results>/3a_unet_training"
REGIONS = "<results>/3b_disease_region"
MARROW = "<results>/1_normal_bone"
PRELIMINARY = "<results>/5_small_regions"
ROLES = {"train": ("train",), "all": ("train", "test")}
"""Roles of the scans that a part of the training sees."""


def refused(text: str) -> NoReturn:
    """Raise `InputError`: what a plan does with a mistake of the user's where nobody says otherwise."""
    raise InputError(text)


class Networks:
    """A study, what its scans.tsv says, and its networks: taken from files, by name, or trained on its own scans.

    Parameters
    ----------
    study : Study
        As loaded.
    root : Path
        The workflow's folder.
    asked : dict, optional
        What the command line asks for beside the study: ``reader`` and ``scans_per_job``.
    refuse : callable, optional
        Called with the message of a user's mistake; it must not return.
    """

    def __init__(
        self, study: Study, root: Path, asked: dict | None = None, refuse: Callable[[str], NoReturn] = refused
    ):
        self.study, self.root, self.asked, self.refuse = study, Path(root), asked or {}, refuse
        self.config, self.training = study.config, study.config["training"]
        self.scans = {row["scan"]: row for row in study.tables["scans"]}
        if self.config["normal_marrow"]["source"] == "proposed_where_absent":
            for row in self.scans.values():
                if row["stir"] and not row["normal_marrow"]:
                    row["normal_marrow"] = self.proposed_patch(row["scan"])

    def proposed_patch(self, scan: str) -> str:
        """Path of the patch of normal marrow that networks propose; literal, since it stands in for a table's."""
        return f"results/{self.study.label}/1_normal_bone/proposed/{scan}.nii.gz"

    @cached_property
    def version(self) -> str:
        """Version of this project."""
        return own_version(self.root)

    @property
    def scan_names(self) -> str:
        """What may stand for {scan}: the names themselves, or their shapes where they are so many that each path would take long."""
        # Snakemake parses this anew for each file; 2,000 names took a fifth of a plan. s0001_pre has the shape s[0-9]+_pre.
        names = self.scans if len(self.scans) <= 100 else [re.sub("[0-9]+", "[0-9]+", scan) for scan in self.scans]
        return "|".join(dict.fromkeys(names))

    def file_of(self, scan: str, column: str) -> str:
        """The file that scans.tsv names in a column."""
        path = self.scans[scan][column]
        if path is None:
            self.refuse(f"scan {scan}: {self.study.folder}/scans.tsv names no {column}, or it is absent")
        return path

    def scans_with(self, *columns: str) -> list[str]:
        """Scans that have a file in each of these columns."""
        return [scan for scan, row in self.scans.items() if all(row[column] is not None for column in columns)]

    def scan_rows(self, scans: list[str], *columns: str) -> list[dict]:
        """Rows of scans.tsv for a script, with the given columns."""
        return [{column: self.scans[scan][column] for column in ("scan", *columns)} for scan in scans]

    def files_of(self, scans: list[str], *columns: str) -> list[str]:
        """Files of scans, column by column within a scan."""
        return [self.scans[scan][column] for scan in scans for column in columns]

    def in_data(self, path: str | None) -> str | None:
        """A path as the tables name it: relative to the data folder, so that a result does not carry where that lies."""
        return os.path.relpath(path, self.config["data"]) if path else None

    # The ensemble that segments.

    @property
    def is_trained(self) -> bool:
        """Whether the networks are trained on the study's own scans."""
        return self.config["ensemble"]["source"] == "trained"

    @property
    def averaging(self) -> dict:
        """What a prediction averages beside the members, and how a region is made of the average."""
        ensemble = self.config["ensemble"]
        return {
            "averaged": {"flip": ensemble["mirrored"], "scales": ensemble["scales"]},
            "rounding": {name: ensemble[name] for name in ("smallest_part", "smoothing")},
        }

    @cached_property
    def ensemble_members(self) -> list[str]:
        """Weights that segment the study's scans; trained ones have seen every annotated scan."""
        source = self.config["ensemble"]["source"]
        if self.study.ensemble:
            return [f"data/ensembles/{source}/{member['file']}" for member in self.study.ensemble]
        return self.trained_members("all") if self.is_trained else self.config["ensemble"]["members"]

    def trained_members(self, part: str) -> list[str]:
        """Weights of an ensemble trained on the training scans (`train`), or on those and the test scans (`all`)."""
        first = self.training["seed"]
        runs = range(1, self.training["members"] + 1)
        return [f"{TRAINED}/selected/{part}/run-{run}_seed-{first + run}/weights.safetensors" for run in runs]

    def named_member(self, ensemble: str, member: str) -> dict:
        """Address and checksum of a member of the ensemble that the config names."""
        for row in self.study.ensemble if ensemble == self.config["ensemble"]["source"] else []:
            if row["file"] == member:
                return {"url": row["url"], "sha256": row["sha256"]}
        self.refuse(
            f"data/ensembles/{ensemble}/{member}: study {self.study.label} does not use this ensemble (ensemble.source: "
            f"{self.config['ensemble']['source']})"
        )

    # Training.

    @property
    def settings(self) -> list[str]:
        """Settings that cross-validation compares: the grid of the paper's protocol, or the one recipe of another."""
        if self.training["protocol"] != "paper":
            return [self.training["protocol"]]
        levels, kernels = self.training["levels"], self.training["kernels"]
        return [f"levels-{level}_kernel-{kernel}" for level in levels for kernel in kernels]

    @property
    def lengths(self) -> list[int | str]:
        """Steps at which a training of the cross-validation is judged: one run serves all lengths."""
        if self.training["steps"] is not None:
            return [self.training["steps"]]
        return (
            ["full"] if self.training["protocol"] != "paper" else [350 * epochs for epochs in self.training["epochs"]]
        )

    def annotated(self, *roles: str) -> list[str]:
        """Scans with a manual disease region, of the given roles."""
        return [scan for scan, row in self.scans.items() if row["role"] in roles and row["disease_region"]]

    def annotated_files(self, *roles: str) -> list[str]:
        """T1w scans and manual disease regions of annotated scans, in turn."""
        return self.files_of(self.annotated(*roles), "t1w", "disease_region")

    def annotated_subjects(self, *roles: str) -> list[str]:
        """Subjects of annotated scans, sorted."""
        return sorted({self.scans[scan]["subject"] for scan in self.annotated(*roles)})

    @property
    def fold_trainings(self) -> list[str]:
        """Folder of every training of the cross-validation."""
        folds = self.training["tried_folds"] or range(1, self.training["folds"] + 1)
        if max(folds) > self.training["folds"]:
            self.refuse(
                f"training.tried_folds: expected folds from 1 to {self.training['folds']} (training.folds), found {max(folds)}"
            )
        seed = self.training["seed"]
        return [f"{TRAINED}/{setting}/fold-{fold}/seed-{seed}" for setting in self.settings for fold in folds]

    @property
    def left_out_trainings(self) -> list[str]:
        """Folder of every training that leaves one annotated subject out."""
        seed = self.training["seed"]
        return [f"{TRAINED}/leave_one_out/{name}/seed-{seed}" for name in self.annotated_subjects("train", "test")]

    def whole_protocol(self, name: str) -> str | list:
        """A result of the paper's protocol, where it is trained here with nothing changed; an empty list otherwise."""
        whole = self.is_trained and is_published_protocol(self.training, self.config["ensemble"])
        return f"{TRAINED}/{name}" if whole else []

    def published_file(self, name: str) -> str | list:
        """A file of the paper's published tables, where the study has them; an empty list otherwise."""
        path = Path(self.config["published"] or "-") / name
        return str(path) if path.is_file() else []

    @property
    def has_learning_curves(self) -> bool:
        """Whether the published losses and Dice scores of all four folds are there."""
        names = [f"model_training/{what}_partition_{fold}.txt" for what in ("loss", "overlap") for fold in range(1, 5)]
        return all(self.published_file(name) for name in names)
