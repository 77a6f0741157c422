"""Plan of the multiverse: which regions, voxels and masks its universes need, and whether the study has what an axis needs."""

from dataclasses import replace
from functools import cached_property

from vhi.study.multiverse import ANALYSING, LIMIT_KEYS, REGION_KEYS, Multiverse, masks_name
from vhi.study.plan_jobs import Jobs
from vhi.study.plan_networks import PRELIMINARY, REGIONS

FOLDER = "<results>/multiverse"
SHOWN = (
    "universes.tsv", "outcomes.tsv", "importance.tsv", "joint.tsv", "figure_curve.png", "figure_importance.png", "figure_heat.png",
    "page.html",
)  # fmt: skip


class Multiverses(Jobs):
    """Files of the multiverse.

    Scans whose disease region is the same whatever `disease_region.source` says are the group ``both``; of the others each
    source makes a group of its own. Repeated scans are left out, as in section 2.7.
    """

    @cached_property
    def multiverse(self) -> Multiverse:
        """The axes; a study without is refused."""
        if self.study.multiverse is None:
            self.refuse(
                f"study {self.study.name} has no multiverse: {self.study.folder}/multiverse.yaml does not exist; write it "
                "(docs/multiverse.md)"
            )
        base = self.study.multiverse.base | {"response.session": self.primary_session}
        return replace(self.study.multiverse, base=base)

    def sources(self, key: str) -> list:
        """Values of an axis, or the one of the config."""
        return self.multiverse.axes.get(key, [self.multiverse.base[key]])

    @cached_property
    def multiverse_groups(self) -> dict[str, dict[str, str]]:
        """Group of each scan with a STIR and a region, by source of the region."""
        found = {}
        for source in self.sources("disease_region.source"):
            found[source] = {
                scan: "both" if self.one_region(scan) else source
                for scan in self.visits
                if self.scans[scan]["stir"] and self.has_region(scan, source)
            }
        return found

    def one_region(self, scan: str) -> bool:
        """Whether a scan has the same disease region whichever source is preferred."""
        drawn, ensemble = (self.chosen_region(scan, source) for source in ("manual_where_present", "ensemble"))
        return drawn == ensemble or not self.ensemble_members

    def has_patch(self, scan: str) -> bool:
        """Whether a scan has a patch of normal marrow."""
        return self.scans[scan]["normal_marrow"] is not None

    @cached_property
    def multiverse_masks(self) -> dict[str, dict]:
        """Settings and scans of every file of voxel numbers, by its name."""
        found = {}
        for universe in self.multiverse.universes:
            groups = self.multiverse_groups[universe["disease_region.source"]]
            for group in sorted(set(groups.values())):
                name = masks_name(universe, group)
                if name not in found:
                    needs_patch = universe["limits.rule"] != "disease_region"
                    scans = [scan for scan in groups if groups[scan] == group]
                    found[name] = {
                        "limit_rule": {key.split(".")[1]: universe[key] for key in LIMIT_KEYS},
                        "small_regions": {key.split(".")[1]: universe[key] for key in REGION_KEYS},
                        "folder": f"{group}_{universe['limits.shading']}",
                        "scans": [scan for scan in scans if self.has_patch(scan) or not needs_patch],
                    }
        return {name: one for name, one in found.items() if one["scans"]}

    @property
    def batched(self) -> dict[str, list[dict]]:
        """Rules that may run in batches, those of the multiverse too."""
        if self.study.multiverse is None:
            return super().batched
        kept = {(one["folder"], scan): None for one in self.multiverse_masks.values() for scan in one["scans"]}
        other, unshaded = {}, dict.fromkeys(self.limited if self.config["limits"]["shading"] == "n4" else [])
        for folder, scan in kept:
            group, shading = folder.rsplit("_", 1)
            if not self.is_used(group):
                other[group, scan] = other.get((group, scan)) or shading == "n4"
            elif shading == "n4":
                unshaded[scan] = None
        made = {
            "unshaded": [{"scan": scan} for scan in unshaded],
            "multiverse_region": [{"group": group, "scan": scan} for group, scan in other],
            "multiverse_unshaded": [
                {"group": group, "scan": scan} for (group, scan), needed in other.items() if needed
            ],
            "multiverse_voxels": [{"folder": folder, "scan": scan} for folder, scan in kept],
        }
        return super().batched | made

    def is_used(self, group: str) -> bool:
        """Whether a group has the disease regions that the config takes."""
        return group in ("both", self.config["disease_region"]["source"])

    def multiverse_voxels(self, name: str) -> list[str]:
        """Files of voxels that a file of masks is made from."""
        one = self.multiverse_masks[name]
        return [f"{FOLDER}/voxels/{one['folder']}/{scan}.npz" for scan in one["scans"]]

    def region_of_group(self, scan: str, group: str) -> str:
        """Disease region of a scan: the one that is used, or that of the other source."""
        return f"{REGIONS}/{scan}.nii.gz" if self.is_used(group) else f"{FOLDER}/regions/{group}/{scan}.nii.gz"

    def stir_of_group(self, scan: str, group: str, shading: str) -> str:
        """STIR that the limits see: as scanned, or without shading."""
        if shading == "none":
            return self.file_of(scan, "stir")
        made = f"{FOLDER}/unshaded/{group}/{scan}.nii.gz"
        return f"<results>/2_threshold/{scan}_unshaded.nii.gz" if self.is_used(group) else made

    def judged_segmentation(self, scan: str) -> str | list:
        """The preliminary segmentation that readers cleaned; an empty list without."""
        return f"{PRELIMINARY}/{scan}.nii.gz" if scan in self.measurable else []

    def manual_masks(self, scan: str) -> list[str]:
        """Every manual trial of a scan."""
        rows = (row for row in self.readings.values() if row["method"] == "manual" and row["scan"] == scan)
        return [row["mask"] for row in rows if row["mask"]]

    @property
    def multiverse_tables(self) -> dict[str, str | list]:
        """What the outcomes are made of beside the masks; an empty list for what the study has not."""
        made = self.has_cleanings
        response = self.clinical_response if made and self.has_change else []
        return {
            "masks": [f"{FOLDER}/masks/{name}.tsv" for name in self.multiverse_masks],
            "measurements": "<results>/6_cleaning/measurements.tsv" if made else [],
            "sparcc": self.sparcc_scores if made else [],
            "clinical": response,
        }

    @property
    def multiverse_joint(self) -> str | list:
        """Table of the joint inference; an empty list where no subject was read before and after treatment."""
        return f"{FOLDER}/joint.tsv" if self.has_change else []

    @property
    def multiverse_params(self) -> dict:
        """The axes, for a script that makes the universes of them: these are too many for a job's parameters."""
        found = self.multiverse
        return {"axes": found.axes, "base": found.base, "excluded": found.excluded}

    @property
    def multiverse_visits(self) -> list[dict]:
        """Scan, subject and session of every visit."""
        return self.scan_rows(self.visits, "subject", "session")

    @property
    def targets_of_multiverse(self) -> list[str]:
        """Tables, figures and page of the multiverse."""
        self.check_data_folder()
        self.check_axes()
        return [f"{FOLDER}/{name}" for name in SHOWN if name != "joint.tsv" or self.has_change]

    def check_axes(self) -> None:
        """Refuse an axis that this study cannot have: scans, masks or readings that it needs are missing."""
        axes, groups = self.multiverse.axes, self.multiverse_groups
        scans = [scan for of in groups.values() for scan in of]
        unpatched = [scan for scan in scans if not self.has_patch(scan)]
        wanted = axes.get("limits.rule", []) + axes.get("normal_marrow.exclude_from_disease_region", [])
        needed = {
            "disease_region.source": (
                any(group != "both" for of in groups.values() for group in of.values()),
                "a scan with both a drawn disease region and the ensemble's",
            ),
            "response.session": (self.has_change, "scans at the first visit and at a later one"),
            "response.clinical_rule": (self.has_change and bool(self.study_table("clinical")), "clinical.tsv"),
        }
        needed |= {
            key: (bool(scans), "scans with a STIR and a disease region")
            for key in self.multiverse.segmenting
            if not scans
        }
        needed |= dict.fromkeys(ANALYSING[:4], (self.has_cleanings, "semi-automatic readings, none of them open"))
        for key, (is_there, what) in needed.items():
            if key in axes and len(axes[key]) > 1 and not is_there:
                self._impossible(key, f"needs {what}; study {self.study.label} has none")
        if unpatched and {"paper", "patch_tail", True} & set(wanted):
            self._impossible("limits.rule", f"needs normal marrow of every scan; scan {unpatched[0]} has none")

    def _impossible(self, key: str, why: str) -> None:
        self.refuse(f"{self.study.folder}/multiverse.yaml: axes: {key}: {why}; remove the axis or its values")
