"""Plan of the networks: where they come from, what trains them, what they are judged on."""

from functools import cached_property
from pathlib import Path

from vhi.region.protocols import averaging_in_words, is_published_protocol
from vhi.study.load import TEST_LOG
from vhi.study.plan_base import Base

TRAINED = "<results>/3a_unet_training"
REGIONS = "<results>/3b_disease_region"
MARROW = "<results>/1_normal_bone"
PRELIMINARY = "<results>/5_small_regions"
ROLES = {"train": ("train",), "all": ("train", "test")}
"""Roles of the scans that a part of the training sees."""


class Networks(Base):
    """Networks of a study: taken from files, by name, or trained on the study's own scans."""

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

    @property
    def test_log(self) -> str:
        """Path of the log of evaluations on test scans: with the study, or with the scans where a simulation makes them."""
        return f"{self.config['data'] if self.config['simulation'] else self.study.folder}/{TEST_LOG}"

    @property
    def logged_evaluation(self) -> dict:
        """What the log says of every evaluation on test scans in these results."""
        averaged = averaging_in_words(self.config["ensemble"])
        return {"results": self.study.label, "protocol": self.training["protocol"], "averaged": averaged}

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

    @property
    def targets_of_training(self) -> list[str]:
        """Cross-validation, test and networks for use, of a study that trains."""
        if not self.is_trained:
            self.refuse(
                f"study {self.study.label} takes its networks from files; set ensemble.source: trained (VARIANT=train-fast, "
                "train-paper) to train"
            )
        tested = ["trained_test_dice.tsv"] if self.annotated("test") else []
        return [
            f"{TRAINED}/{name}" for name in ("cross_validation.tsv", "figure_s1.png", *tested)
        ] + self.ensemble_members

    @property
    def targets_of_release(self) -> list[str]:
        """Weights for use with their model card, of a study that trains."""
        return [f"{TRAINED}/release/MODEL_CARD.md"] if self.targets_of_training else []

    @property
    def targets_of_leave_one_out(self) -> list[str]:
        """The table over all annotated subjects, of a study that trains."""
        if self.targets_of_training and len(self.left_out_trainings) < 2:
            self.refuse(
                f"leave_one_out: {self.study.folder}/scans.tsv has annotated scans (T1w scan and disease region, role train or "
                "test) of one subject; leaving it out leaves nothing to train on; annotate a second subject"
            )
        return [f"{TRAINED}/leave_one_out.tsv"]
