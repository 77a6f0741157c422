"""Plan of what is made of normal marrow and disease regions beside the segmentation: trust, tests, figures and proposals."""

from vhi.io.manifest import TEST_LOG
from vhi.region.protocols import averaging_in_words, weak_lengths
from vhi.study.plan_networks import MARROW, PRELIMINARY, REGIONS, TRAINED
from vhi.study.plan_scans import Scans


class Regions(Scans):
    """How disease regions and proposed patches of normal marrow are judged, and the targets up to step (v)."""

    # Trust in a disease region.

    @property
    def calibration_roles(self) -> tuple[str, ...]:
        """Roles of the scans on which networks are tried: those of the folds, or every annotated one for members from files."""
        return ("train",) if self.is_trained else ("train", "test")

    @property
    def calibration_networks(self) -> list[str]:
        """Networks whose failures are studied: those of the folds, on scans that they have not seen; else the members."""
        if not self.is_trained:
            return self.config["ensemble"]["members"]
        return [f"{folder}/steps-{steps}.safetensors" for folder in self.fold_trainings for steps in self.lengths]

    @property
    def weak_lengths(self) -> list[int]:
        """Steps after which the trainings of the folds keep weak networks: their failures teach the failure model."""
        return weak_lengths(self.training["protocol"], self.lengths)

    @property
    def weak_networks(self) -> list[str]:
        """The weak networks of the folds."""
        folders = self.fold_trainings if self.is_trained else []
        return [f"{folder}/weak-{steps}.safetensors" for folder in folders for steps in self.weak_lengths]

    @property
    def failure_model(self) -> str | list:
        """Model of the predicted Dice: fitted here, or come with the ensemble; an empty list without either."""
        if self.is_trained:
            return f"{REGIONS}/failure_model.json"
        model = self.config["ensemble"]["failure_model"]
        return f"{self.study.folder}/{model}" if model else []

    # Networks that propose the patch of normal marrow.

    @property
    def with_drawn_marrow(self) -> list[str]:
        """Scans whose patch a reader drew: the networks learn from these."""
        return [
            scan
            for scan in self.scans_with("stir", "normal_marrow")
            if self.scans[scan]["normal_marrow"] != self.proposed_patch(scan)
        ]

    @property
    def marrow_subjects(self) -> list[str]:
        """Subjects with a drawn patch, sorted."""
        return sorted({self.scans[scan]["subject"] for scan in self.with_drawn_marrow})

    @property
    def marrow_folds(self) -> list[int]:
        """Numbers of the folds: as many as configured, and at most as many as there are subjects."""
        return list(range(1, 1 + min(self.config["normal_marrow"]["folds"], len(self.marrow_subjects))))

    @property
    def calibrated_scans(self) -> list[str]:
        """Scans whose disease region is drawn: real and simulated ones are measured alike."""
        return [
            scan
            for scan in self.scans_with("normal_marrow")
            if scan in self.measurable and self.scans[scan]["disease_region"]
        ]

    @property
    def reviewed_scans(self) -> list[str]:
        """Scans that the ensemble segmented and nobody drew: what the paper assessed by eye."""
        undrawn = [scan for scan in self.segmentable if "manual" not in self.drawn_regions(scan)]
        return undrawn or self.segmentable

    @property
    def failed_scans(self) -> list[str]:
        """Scans of Fig S2 that a human has named or rated as failed; empty where the predicted Dice is to choose."""
        named = self.config["figures"]["failure_scans"]
        self.check_named("failure_scans", named, self.segmentable)
        named = named or [row["scan"] for row in self.study.tables["region_review"] if row["rating"] == "failed"]
        return [scan for scan in named if scan in self.segmentable]

    def check_named(self, key: str, names: list[str], known: list[str] | set[str] | dict) -> None:
        """Refuse a name in the config that no figure can show; where no data are there, nothing can be said."""
        unknown = [name for name in names if name not in known]
        if unknown and known and not self.study.absent:
            self.refuse(
                f"{self.study.folder}/config.yaml: figures.{key}: no picture of '{unknown[0]}'; known: {', '.join(sorted(known))}"
            )

    @property
    def marrow_compared(self) -> list[str]:
        """Scans where the proposed patch of normal marrow can be set beside a drawn one."""
        return [scan for scan in self.with_drawn_marrow if scan in self.measurable]

    # Tests and targets.

    @property
    def test_log(self) -> str:
        """Path of the log of evaluations on test scans: with the study, or with the scans where a simulation makes them."""
        return f"{self.config['data'] if self.config['simulation'] else self.study.folder}/{TEST_LOG}"

    @property
    def logged_evaluation(self) -> dict:
        """What the log says of every evaluation on test scans in these results."""
        averaged = averaging_in_words(self.config["ensemble"])
        return {"results": self.study.label, "protocol": self.training["protocol"], "averaged": averaged}

    @property
    def preliminary_segmentations(self) -> list[str]:
        """Preliminary segmentations with their stability, and every disease region that is used."""
        made = [f"{PRELIMINARY}/{scan}{ending}" for ending in (".nii.gz", "_stability.tsv") for scan in self.measurable]
        return made + [f"{REGIONS}/{scan}.nii.gz" for scan in self.with_region]

    @property
    def targets_of_marrow(self) -> list[str]:
        """The comparison of drawn and proposed patches, where proposed ones are used."""
        if self.config["normal_marrow"]["source"] == "drawn":
            return []
        if len(self.marrow_subjects) < 2:
            self.refuse(
                f"{self.study.folder}/config.yaml: normal_marrow.source: proposed_where_absent needs patches drawn on scans of at "
                f"least 2 subjects to learn from, found {len(self.marrow_subjects)}; draw them, or set normal_marrow.source: drawn"
            )
        return self.marrow_comparison

    @property
    def marrow_comparison(self) -> list[str]:
        """The comparison of drawn and proposed patches."""
        return [f"{MARROW}/figure_proposed.png"] if self.marrow_compared else []

    @property
    def targets_of_region(self) -> list[str]:
        """Disease regions compared, judged and tested, as far as the study goes."""
        files = []
        if self.segmentable:
            files += ["ensemble.tsv", "quality.tsv", "figure_s2.png"] + (
                ["figure_failure.png"] if self.is_trained else []
            )
            files += ["visual_assessment.tsv"] if self.study.tables["region_review"] else []
        if self.config["disease_region"]["resample"] and self.measurable:
            files.append("resampled.tsv")
        targets = [f"{REGIONS}/{name}" for name in files]
        if self.test_scans:
            targets += [self.test_dice_table, f"{TRAINED}/figure_2.png"]
        if self.has_learning_curves and not self.is_trained:
            targets.append(f"{TRAINED}/figure_s1.png")
        return targets + (self.targets_of_training if self.is_trained else [])

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
