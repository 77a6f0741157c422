"""Plan of what is shown: figures of single scans, pages, notebooks, the methods in words."""

from collections.abc import Iterable
from functools import cached_property

from vhi.study.plan_networks import MARROW, PRELIMINARY, REGIONS
from vhi.study.plan_readings import is_open
from vhi.study.plan_room import Room

CANDIDATES = 100
"""Scans among which Figs 1, 3 and 8 choose: every image of each is an input, a third of the plan of 2,000 scans."""


class Shown(Room):
    """Which scans and subjects the figures and pages show, and what each needs."""

    @cached_property
    def shown_scans(self) -> list[str]:
        """Scans that Figs 1, 3 and 8 may show: the configured ones, or the first of those with a preliminary segmentation."""
        figures = self.config["figures"]
        subject, chosen = figures["example_subject"], figures["example_scans"]
        self.check_named("example_scans", chosen, self.measurable)
        subjects = {self.scans[scan]["subject"] for scan in self.measurable}
        self.check_named("example_subject", [subject] if subject else [], subjects)
        visits = [scan for scan in self.visits if scan in self.measurable]
        first = [] if chosen and subject else visits[:CANDIDATES]
        shown = {*first, *chosen, *(scan for scan in visits if self.scans[scan]["subject"] == subject)}
        return [scan for scan in self.measurable if scan in shown]

    @property
    def shown_cleanings(self) -> dict[str, dict]:
        """Scans of which a first cleaning is a mask, by the first such reader, and the mask."""
        kept, shown = {}, set(self.shown_scans)
        for (scan, reader), path in self.vhi_readings.items():
            if scan in shown and scan not in kept:
                kept[scan] = {"reader": reader, "path": path}
        return kept

    def followed_up(self, scans: Iterable[str]) -> bool:
        """Whether one of these scans of a subject was made at the first visit, and another at a later one."""
        sessions: dict[str, set[str]] = {}
        for scan in scans:
            sessions.setdefault(self.scans[scan]["subject"], set()).add(self.scans[scan]["session"])
        return any(self.sessions[0] in of and len(of) > 1 for of in sessions.values())

    def page_inputs(self, scan: str) -> dict[str, str | list]:
        """Results of a scan that its page shows, by name; an empty list for what the study has not."""
        row, limited, segmentable = self.scans[scan], scan in set(self.limited), scan in set(self.segmentable)
        shown = {
            "stir": (row["stir"], row["stir"]),
            "marrow": (row["normal_marrow"], limited and row["normal_marrow"] is not None),
            "region": (f"{REGIONS}/{scan}.nii.gz", self.has_region(scan)),
            "probability": ([f"{REGIONS}/ensemble/{scan}_probability.nii.gz"], segmentable),
            "intensities": (f"{MARROW}/{scan}.tsv", limited),
            "limits": (f"<results>/2_threshold/{scan}.json", limited),
            "preliminary": (f"{PRELIMINARY}/{scan}.nii.gz", scan in self.measurable),
            "stability": (f"{PRELIMINARY}/{scan}_stability.tsv", scan in self.measurable),
            "quality": (f"{REGIONS}/quality.tsv", segmentable),
            "uncertainty": (self.uncertainty_table, self.has_cleanings and scan in self.measurable),
            "joints": ("<results>/6_cleaning/joints.tsv", self.has_cleanings and scan in self.cleaned_scans),
        }
        cleaned = {"cleaned": list(self.vhi_of([scan]).values())}
        return {name: path if there else [] for name, (path, there) in shown.items()} | cleaned

    @cached_property
    def summarised(self) -> dict[str, list[str]]:
        """Subjects with a cleaned reading, in the order of the scans, and of their visits with one the study's first and the last."""
        read = {row["scan"] for row in self.cleaned_trials if not is_open(row)} & self.measurable.keys()
        subjects: dict[str, list[str]] = {}
        for scan in self.visits:
            if scan in read:
                subjects.setdefault(self.scans[scan]["subject"], []).append(scan)
        place = {session: number for number, session in enumerate(self.sessions)}
        for subject, scans in subjects.items():
            ordered = sorted(scans, key=lambda scan: place[self.scans[scan]["session"]])
            first = [scan for scan in ordered if self.scans[scan]["session"] == self.sessions[0]]
            subjects[subject] = list(dict.fromkeys([*first[:1], ordered[-1]]))
        return subjects

    def summarised_visits(self, subject: str) -> list[dict]:
        """Visits on a subject's page: scan, session, and whether it is called ``pre`` (the study's first visit) or ``post``."""
        rows = self.scan_rows(self.summarised[subject], "session")
        return [row | {"called": "pre" if row["session"] == self.sessions[0] else "post"} for row in rows]

    @property
    def detectable_change(self) -> str | list:
        """Table of the smallest detectable change; an empty list where fewer than two readers give none."""
        several = self.has_change and len(self.cleaning_readers) > 1
        return "<results>/7_3_responsiveness/detectable_change.tsv" if several else []

    @property
    def uncertainty_table(self) -> str | list:
        """Table of V_HI with its intervals; an empty list where some reading is open."""
        return self.errors_of_vhi if self.has_cleanings else []

    @property
    def joints_table(self) -> str | list:
        """Table of V_HI by joint; an empty list where no cleaned mask gives one."""
        return "<results>/6_cleaning/joints.tsv" if self.has_cleanings and self.cleaned_scans else []

    @property
    def change_error(self) -> str | list:
        """Table of changes with their error; an empty list where nobody was read twice."""
        return "<results>/7_3_responsiveness/change_error.tsv" if self.has_change else []

    @property
    def walked_scan(self) -> str:
        """The scan of the walkthrough: the first that the config names for the figures, else the first with a cleaned mask."""
        named = [*self.config["figures"]["example_scans"], *(scan for scan, _ in self.compared_readings)]
        found = [scan for scan in (*named, *self.measurable) if scan in self.measurable]
        if not found:
            self.refuse(f"study {self.study.label} has no scan with a preliminary segmentation to walk through")
        return found[0]

    # Section 2.7, as far as the study's tables go.

    @property
    def has_cleanings(self) -> bool:
        """Whether V_HI of the first semi-automatic reading can be analysed: all is read, and some of it that way."""
        return self.all_read and any(method == "semiautomatic" for *_, method in self.readings)

    @cached_property
    def has_change(self) -> bool:
        """Whether a subject was read before and after treatment, and agreed on where the consensus is V_HI."""
        return self.all_read and not self.unagreed and self.followed_up(row["scan"] for row in self.cleaned_trials)

    @property
    def scans_on_their_way(self) -> list[dict]:
        """How far each scan gets, stage by stage."""
        cleaned = {(row["scan"], row["reader"]) for row in self.cleaned_trials if not is_open(row)}
        readers = self.config["readers"] or ["-"]
        return [
            {column: row[column] for column in ("scan", "subject", "session")}
            | (self._images_of(scan, row) if self.imaged else {"scan named": True})
            | {"cleaned by all readers": all((scan, reader) in cleaned for reader in readers)}
            for scan, row in self.scans.items()
        ]

    def _images_of(self, scan: str, row: dict) -> dict[str, bool]:
        found = {"T1w scan": row["t1w"], "STIR scan": row["stir"], "normal marrow": row["normal_marrow"]}
        made = {"disease region": self.has_region(scan), "preliminary segmentation": scan in self.measurable}
        return {name: path is not None for name, path in found.items()} | made

    @property
    def reported_tables(self) -> dict[str, str | list]:
        """Tables of section 2.7 that this study has, by the name that the methods' script knows; an empty list for the others."""
        judged = self.sparcc_scores or self.study_table("clinical")
        there = {
            "medians": ("7_1_overlap/medians.tsv", True),
            "limits": ("7_2_agreement/limits.tsv", self.has_cleanings),
            "reliability": ("7_2_agreement/reliability.tsv", self.has_cleanings),
            "responders": ("7_3_responsiveness/responders.tsv", self.has_change and judged),
            "response_means": ("7_3_responsiveness/response_means.tsv", self.has_change),
            "regression": ("7_3_responsiveness/change_regression.tsv", self.has_change and self.sparcc_scores),
            "tally": ("7_4_disagreement/tally.tsv", len(self.cleaning_readers) > 1),
        }
        return {name: f"<results>/{path}" if made and self.all_read else [] for name, (path, made) in there.items()}

    @property
    def reported_counts(self) -> dict:
        """Counts of the study that its tables and its config give."""
        sources = [self.chosen_region(scan)[0] for scan in self.measurable]
        named = {"manual": "manual masks", "corrected": "corrected masks", "ensemble": "the ensemble"}
        return {
            "subjects": len({row["subject"] for row in self.scans.values()}),
            "scans": len(self.scans),
            "imaged": len(self.imaged),
            "measured": len(self.measurable),
            "members": len(self.ensemble_members),
            "regions": {name: sources.count(source) for source, name in named.items()},
            "sparcc": bool(self.sparcc_scores),
            "clinical": bool(self.study_table("clinical")),
        }

    @property
    def claims_rows(self) -> list[dict]:
        """What the claims need to know of each scan."""
        return [
            {column: row[column] for column in ("scan", "subject", "role")}
            | {"annotated": row["disease_region"] is not None, "has_stir": row["stir"] is not None}
            for row in self.scans.values()
        ]
