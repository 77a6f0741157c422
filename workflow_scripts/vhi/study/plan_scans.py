"""Plan of the scans: how far each gets, and which disease region and mask each step uses."""

from functools import cached_property

from vhi.study.plan_networks import REGIONS, TRAINED, Networks

FOUND = ("ensemble", "command")
"""Sources of a disease region that is made here, from the T1w."""


class Scans(Networks):
    """How far each scan gets."""

    def simulated_subject(self, scan: str) -> dict:
        """Name, marrow and session of a simulated scan's subject."""
        row = self.scans[scan]
        marrow = {design["subject"]: design["marrow"] for design in self.study.tables["design"]}
        about = {"name": row["subject"], "marrow": marrow[row["subject"]]}
        return about | {column: row[column] for column in ("session", "repeat")}

    @cached_property
    def segmentable(self) -> list[str]:
        """Scans whose disease region the ensemble can find."""
        return self.imaged if self.ensemble_members else []

    @cached_property
    def imaged(self) -> list[str]:
        """Scans whose image is at hand; of the others the readings' counts are."""
        return self.scans_with("t1w")

    @cached_property
    def sessions(self) -> list[str]:
        """Visits of the study in their order: the first, and those later ones that some scan has."""
        first, *later = self.config["sessions"]
        there = {row["session"] for row in self.scans.values()}
        return [first, *(session for session in later if session in there)]

    @property
    def primary_session(self) -> str:
        """The visit whose change is the primary one."""
        later = self.sessions[1:] or self.config["sessions"][1:] or self.sessions
        return self.config["response"]["session"] or later[-1]

    @property
    def arms(self) -> dict[str, str]:
        """Arm of each subject that has one."""
        return {row["subject"]: row["arm"] for row in self.study.tables["subjects"] if row["arm"]}

    @property
    def sites(self) -> dict[str, str]:
        """Site of each subject that has one."""
        return {row["subject"]: row["site"] for row in self.scans.values() if row["site"]}

    @cached_property
    def limited(self) -> list[str]:
        """Scans with limits: those with a STIR and what the limits come from."""
        if self.needs_patch:
            return self.scans_with("stir", "normal_marrow")
        return [scan for scan in self.scans_with("stir") if self.has_region(scan)]

    @property
    def needs_patch(self) -> bool:
        """Whether the limits come from a patch of normal marrow; else from the disease region."""
        return self.config["limits"]["rule"] != "disease_region"

    def mask_of_limits(self, scan: str) -> str:
        """The mask whose STIR intensities give the limits."""
        return self.file_of(scan, "normal_marrow") if self.needs_patch else f"{REGIONS}/{scan}.nii.gz"

    def stir_of_limits(self, scan: str) -> str:
        """The STIR whose intensities are compared with the limits: as scanned, or without the shading of the coils."""
        if self.config["limits"]["shading"] == "none":
            return self.file_of(scan, "stir")
        return f"<results>/2_threshold/{scan}_unshaded.nii.gz"

    def excluded_marrow(self, scans: list[str]) -> list[str]:
        """Patches of normal marrow that the disease regions of these scans are without; none unless so configured."""
        if not self.config["normal_marrow"]["exclude_from_disease_region"]:
            return []
        return [self.file_of(scan, "normal_marrow") for scan in scans]

    @cached_property
    def measurable(self) -> dict[str, None]:
        """Scans that reach a preliminary segmentation, as the keys of a dict: in order, and found at once."""
        return dict.fromkeys(scan for scan in self.limited if self.has_region(scan))

    @cached_property
    def visits(self) -> list[str]:
        """Scans without those that repeat another: what is shown of subjects, and what section 2.7 stands on."""
        return [scan for scan, row in self.scans.items() if row["repeat"] == 1]

    @cached_property
    def with_region(self) -> list[str]:
        """Scans with a disease region."""
        return [scan for scan in self.scans if self.has_region(scan)]

    def has_region(self, scan: str, preferred: str | None = None) -> bool:
        """Whether a scan has a disease region: a drawn one, or one that a program finds on the T1w."""
        source = self.chosen_region(scan, preferred)[0]
        return source not in FOUND or bool(self.scans[scan]["t1w"] and (source == "command" or self.ensemble_members))

    def drawn_regions(self, scan: str) -> dict[str, str]:
        """Masks of the disease region beside the ensemble's: manual, corrected, and the authors' automatic one."""
        row = self.scans[scan]
        found = {"manual": row["disease_region"], "corrected": row["disease_region_corrected"]}
        found["published"] = self.study.published_regions.get(scan)
        return {kind: path for kind, path in found.items() if path}

    def chosen_region(self, scan: str, preferred: str | None = None) -> tuple[str, str]:
        """Source and file of the region that is used: a corrected one wins, then a drawn one if so configured or preferred."""
        drawn = self.drawn_regions(scan)
        if "corrected" in drawn:
            return "corrected", drawn["corrected"]
        preferred = preferred or self.config["disease_region"]["source"]
        if preferred == "manual_where_present" and "manual" in drawn:
            return "manual", drawn["manual"]
        source = "command" if preferred == "command" else "ensemble"
        return source, f"{REGIONS}/{source}/{scan}.nii.gz"

    def probability_of_region(self, scan: str) -> str | list:
        """The ensemble's mean probability of the region that is used; an empty list where another source gave it."""
        by_ensemble = self.chosen_region(scan)[0] == "ensemble"
        return f"{REGIONS}/ensemble/{scan}_probability.nii.gz" if by_ensemble else []

    def chosen_region_file(self, scan: str) -> str | None:
        """The file of the region as the tables name it; one that is made here has none."""
        source, path = self.chosen_region(scan)
        return None if source in FOUND else self.in_data(path)

    @property
    def measured_in_ensemble(self) -> list[str]:
        """Scans whose preliminary voxels within the ensemble's region can be counted."""
        return self.limited if self.segmentable else []

    @property
    def segmentable_rows(self) -> list[dict]:
        """What the comparison of disease regions needs to know of each scan."""
        rows = self.scan_rows(self.segmentable, "stir", "normal_marrow")
        return [row | {"drawn": self.drawn_regions(row["scan"])} for row in rows]

    @property
    def test_scans(self) -> list[str]:
        """Scans on which networks are tested: role `test`, with a manual region."""
        return self.annotated("test") if self.segmentable else []

    @property
    def test_dice_table(self) -> str | list:
        """Dice per test slice, by whichever networks the study has; an empty list without test scans."""
        name = "trained_test_dice" if self.is_trained else "test_dice"
        return f"{TRAINED}/{name}.tsv" if self.test_scans else []

    def tested_region(self, scan: str) -> str:
        """The disease region of a test scan by networks that have not seen it, where the study trains them; else the ensemble's."""
        return f"{TRAINED}/test_regions/{scan}.nii.gz" if self.is_trained else f"{REGIONS}/ensemble/{scan}.nii.gz"
