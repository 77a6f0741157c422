"""The plan of a study: which files each step uses and makes, and what the targets are.

A plan is made of a loaded study alone. It knows nothing of Snakemake and touches no image. Its parts follow the study:
networks (`plan_networks`), scans (`plan_scans`), what is made of normal marrow and disease regions (`plan_regions`), readings
(`plan_readings`) and their consensus (`plan_agreeing`), the reading room (`plan_room`), what is shown (`plan_shown`), which jobs may
run together and what the results stand on (`plan_jobs`), the multiverse (`plan_multiverse`), and the manuscript (`plan_manuscript`).
Paths of results start with ``<results>``.
"""

from pathlib import Path

from vhi.study.plan_manuscript import Article
from vhi.study.plan_networks import REGIONS
from vhi.study.plan_room import ROOM


class Plan(Article):
    """What a study's tables and config allow, as targets.

    Examples
    --------
    >>> from pathlib import Path
    >>> from vhi.study.load import load_study
    >>> root = Path(__file__).parents[3]
    >>> plan = Plan(load_study(root, "demo"), root)
    >>> plan.chosen_region("sim01_pre")
    ('manual', 'results/demo/0_scans/sim01_pre_disease_region.nii.gz')
    >>> len(plan.measurable), len(plan.open_readings)
    (24, 0)
    """

    @property
    def targets(self) -> list[str]:
        """What the study's tables allow; measurements and statistics wait until no reading is open."""
        self.check_data_folder()
        self.check_readings_can_be_made()
        targets = self.preliminary_segmentations + self.cleaned_files() + self.targets_of_region
        targets += ["<results>/cohort/characteristics.tsv", "<results>/provenance/sheet.html"]
        targets += self.targets_of_marrow + self.targets_of_statistics + self.targets_of_change
        targets += self.targets_of_room
        figures = ("overview/figure_1.png", "5_small_regions/figure_3.png")
        targets += [f"<results>/{name}" for name in figures if self.shown_scans]
        if self.config["simulation"]:
            targets += [f"<results>/0_scans/{name}.tsv" for name in ("clinical", "scores", "sparcc_sheets")]
            names = ("accuracy.tsv", "figure_accuracy.png", "calibration.tsv")
            targets += [f"<results>/simulated_truth/{name}" for name in names]
        return targets + (["<results>/claims.tsv"] if self.study.tables["claims"] else [])

    @property
    def targets_of_statistics(self) -> list[str]:
        """Measurements, overlap and agreement (2.7.1, 2.7.2), and the methods in words."""
        if not self.all_read:
            return []
        targets = ["<results>/6_cleaning/measurements.tsv", "<results>/report/methods.txt"]
        names = ("figure_4.png", "figure_5.png") if self.imaged else ()  # of masks, which a study of counts has not
        targets += [f"<results>/7_1_overlap/{name}" for name in (*names, "medians.tsv")]
        if self.has_cleanings:
            targets += [f"<results>/6_cleaning/{name}" for name in ("uncertainty.tsv", "figure_uncertainty.png")]
            names = ("joints.tsv", "joint_totals.tsv", "figure_joints.png") if self.cleaned_readings else ()
            targets += [f"<results>/6_cleaning/{name}" for name in names]
            targets += ["<results>/6_cleaning/consensus.tsv"] if self.agreed or self.is_consensus else []
            if any(self.scans[row["scan"]]["repeat"] > 1 for row in self.cleaned_trials):
                targets.append("<results>/6_cleaning/repeatability.tsv")
            names = ["limits.tsv", "relation.tsv", "figure_7.png"] + (["figure_6.png"] if self.sparcc_scores else [])
            names += ["limits_within.tsv", "reliability_within.tsv"] if self.has_repeats else []
            targets += [f"<results>/7_2_agreement/{name}" for name in names]
        return targets

    @property
    def targets_of_change(self) -> list[str]:
        """Change, response and failure analysis (2.7.3, 2.7.4)."""
        names = []
        if self.has_change:
            names += ["changes.tsv", "change_error.tsv", "detectable_change.tsv", "response_means.tsv", "figure_9.png"]
            names += ["mixed_model.tsv", "figure_visits.png"]
            names += ["reader_drift.tsv"] if self.reading_order and len(self.cleaning_readers) > 1 else []
            names += ["change_regression.tsv"] if self.sparcc_scores else []
            names += ["responders.tsv"] if self.sparcc_scores or self.study_table("clinical") else []
        claimed = {row["id"] for row in self.study.tables["claims"]}
        names += (
            ["published_counts.tsv"] if "vhi_sparcc_agreement" in claimed else []
        )  # the claims hold the published ones
        names += ["figure_8.png"] if self.followed_up(self.shown_scans) else []
        targets = [f"<results>/7_3_responsiveness/{name}" for name in names]
        if self.all_read and len(self.cleaning_readers) > 1:
            targets += [f"<results>/7_4_disagreement/{name}" for name in ("tally.tsv", "pages")]
        return targets

    @property
    def targets_of_room(self) -> list[str]:
        """The books of the cleaning, as far as readings are handed in."""
        made = {
            "audit.tsv": self.cleaned_readings,
            "figure_disagreements.png": self.scans_of_two,
            "sparcc_sheets.tsv": self.sparcc_sheets_handed_in,
            "status.tsv": Path(self.room["records"]).is_dir(),
        }
        return [f"{ROOM}/{name}" for name, there in made.items() if there]

    @property
    def asked_readers(self) -> list[str]:
        """Readers that the command line names (`reader=R1,R2`), none without; `refuse` one whom the study does not have."""
        readers = self.config["readers"]
        asked = [reader for reader in str(self.asked.get("reader") or "").split(",") if reader]
        for reader in asked:
            if readers and reader not in readers:
                self.refuse(f"unknown reader '{reader}'; readers of study {self.study.name}: {', '.join(readers)}")
        return asked

    @property
    def targets_of_packs(self) -> list[str]:
        """Packs of the readers that the command line names; of all without."""
        self.check_data_folder()
        readers = self.config["readers"]
        if not readers:
            self.refuse(f"{self.study.folder}/config.yaml: `readers` is empty; name those who read")
        asked = self.asked_readers or [reader for reader in readers if self.readings_of(reader)] or readers[:1]
        return [f"{ROOM}/packs/{reader}/reading_list.tsv" for reader in asked]

    @property
    def targets_of_read(self) -> list[str]:
        """Pages of every task that there is something to do for, or of the one that the command line names (`task=`)."""
        self.check_data_folder()
        task, scans = self.asked_task, {"marrow": self.marrow_scans, "region": self.region_scans}
        if task == "agreeing" or (self.is_consensus and self.all_read):
            scans["agreeing"] = list(self.scans_to_agree)  # not before: who reads must not see what another read
        targets = [f"{ROOM}/{name}/reading_list.tsv" for name in scans if task in ("", name) and scans[name]]
        asked = self.asked_readers or self.config["readers"]
        if task == "scoring" and self.scans_to_score:
            targets = [f"{ROOM}/scoring/{reader}/reading_list.tsv" for reader in asked]
        if task == "cleaning" or (not task and (not targets or any(map(self.readings_of, asked)))):
            targets += self.targets_of_packs
        elif not targets:
            self.refuse(
                f"{self.study.folder}/scans.tsv: no scan has what a page of the task '{task}' needs (docs/reading_room.md)"
            )
        return targets

    def scans_of_packs(self, reader: str) -> list[str]:
        """Scans that a reader reads; where there is nothing to read, the run ends before it touches anything."""
        self.check_data_folder()
        scans = list(dict.fromkeys(scan for scan, _ in self.readings_of(reader)))
        if not scans:
            self.refuse(
                f"{self.study.folder}/readings.tsv: expected a semi-automatic reading by {reader} of a scan that has a preliminary "
                "segmentation, found none; add a row per scan (or remove the # in front of it), with mask and vhi_voxels empty. "
                f"Scans that have one: {', '.join(self.measurable) or 'none; their normal marrow is missing (make preliminary)'}"
            )
        return scans

    @property
    def targets_of_pages(self) -> list[str]:
        """A page of all scans, and one of each subject."""
        return ["<results>/report/scans.html"] * bool(self.imaged) + self.targets_of_summaries

    @property
    def targets_of_summaries(self) -> list[str]:
        """A page of each subject."""
        return [f"<results>/report/subjects/{subject}.png" for subject in self.summarised]

    @property
    def targets_of_notebooks(self) -> list[str]:
        """Executed notebooks as pages; that on agreement where two readers measured."""
        names = ["walkthrough"] if self.measurable else []
        names += ["agreement"] if self.all_read and len(self.cleaning_readers) > 1 else []
        return [f"<results>/notebooks/{name}.html" for name in names]

    @property
    def targets_of_review(self) -> list[str]:
        """Pages and sheet for the visual assessment of the disease regions."""
        return [f"{REGIONS}/review/region_review.tsv"]

    def check_data_folder(self) -> None:
        """Refuse a data folder that does not exist."""
        needed = (self.imaged or not self.scans) and not self.config["simulation"]
        if needed and not Path(self.config["data"]).is_dir():
            self.refuse(
                f"the data folder '{self.config['data']}' of study {self.study.name} does not exist: pass data=DIR (make ... DATA=DIR)"
                + (", or download it (make download)" if self.config["download"] else "")
            )

    def check_readings_can_be_made(self) -> None:
        """Refuse a cleaned or open reading of a scan without a disease region."""
        for (scan, reader, _, method), row in self.readings.items():
            if method == "semiautomatic" and row["vhi_voxels"] is None and not self.has_region(scan):
                self.refuse(
                    f"{self.study.folder}/readings.tsv, row {row.line}: the reading of scan {scan} by {reader} needs a disease "
                    "region: name a mask in scans.tsv, or networks in the config (ensemble.members, or ensemble.source: trained)"
                )
