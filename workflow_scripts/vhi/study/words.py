"""What a run tells its user about the study: what is absent, what is open, what comes next."""

import shlex
import sys
from collections.abc import Callable
from pathlib import Path

from vhi.io.progress import open_readings_text, preliminary_text
from vhi.study.plan import Plan


class Words:
    """What a run tells its user.

    Parameters
    ----------
    plan : Plan
        Of the study.
    tell : callable
        Prints a text.
    targets : callable
        Gives the targets that were asked for by name.
    """

    def __init__(self, plan: Plan, tell: Callable[[str], None], targets: Callable[[], set[str]]):
        self.plan, self.tell, self.targets, self.told = plan, tell, targets, False

    @property
    def called(self) -> str:
        """The study as make calls it, by name where it is under config/, by its folder elsewhere; with variant and data if given."""
        study = self.plan.study
        is_named = Path(study.folder).parent.resolve() == (self.plan.root / "config").resolve()
        data = self.plan.asked.get("data")
        return " ".join(
            [shlex.quote(study.name if is_named else study.folder)]
            + ([f"VARIANT={shlex.quote(study.variant)}"] if study.variant else [])
            + ([f"DATA={shlex.quote(str(data))}"] if data else [])
        )

    def absent(self) -> None:
        """Tell which files the study names and lacks."""
        study = self.plan.study
        if study.absent and Path(study.config["data"]).is_dir():
            few = ", ".join(study.absent[:3]) + (", ..." if len(study.absent) > 3 else "")
            self.tell(
                f"{len(study.absent)} files of study {study.name} are not in {study.config['data']}; what needs them is left "
                f"out (the report lists them): {few}"
            )

    def passed_over(self) -> None:
        """Tell which masks of the reading room are not used, because scans.tsv names another since."""
        for row in self.plan.study.tables["scans"]:
            for text in row.passed_over:
                self.tell(text)

    def open(self) -> None:
        """Tell which readings are still to be done."""
        waiting = self.plan.open_readings
        undrawn = sorted({scan for scan, *_ in waiting if scan not in self.plan.measurable})
        if undrawn:
            named = ", ".join(undrawn[:9]) + ", ..." * (len(undrawn) > 9)
            self.tell(
                f"Normal marrow is not drawn on {len(undrawn)} scans with open readings: {named}. Draw it on its page first (make "
                f"read STUDY={self.called} TASK=marrow)"
            )
        if waiting:
            self.tell(
                f"Waiting for {len(waiting)} readings; hand in their masks in {self.plan.study.folder}/readings.tsv, or clean in "
                f"the reading room (make read STUDY={self.called} READER={waiting[0][1]}), and run again:\n  "
                + "\n  ".join(open_readings_text(key[:3] for key in waiting))
            )

    def unagreed(self) -> None:
        """Tell on which scans there is no consensus yet, where it is the study's V_HI."""
        if (waiting := self.plan.unagreed) and self.plan.all_read:
            self.tell(
                f"Waiting for the consensus of {len(waiting)} scans (make read STUDY={self.called} TASK=agreeing); change and "
                f"response follow: {', '.join(waiting[:20])}"
            )

    def next(self) -> None:
        """Tell what was made, and the step that follows what was asked for."""
        self.told = True
        results = f"results/{self.plan.study.label}"
        if "preliminary" in self.targets():
            self.tell("\n".join(self.preliminary()))
        elif "packs" in self.targets():
            self.tell(
                f"Packs: {results}/6b_reading_room/packs, a folder per reader. Give each reader their own folder, or serve it: "
                f"make read STUDY={self.called} READER=NAME. Then make run STUDY={self.called}"
            )
        elif "read" not in self.targets():  # the server that is started next says where its pages are
            self.open()
            self.unagreed()
            self.tell(
                f"Results: {results}. make report STUDY={self.called} shows them in report.html, with what is missing."
            )

    def following(self, missing: int) -> str:
        """Name the next command after a report, in which so many results are missing."""
        waiting = self.plan.open_readings
        if waiting:
            return f"Next: make read STUDY={self.called} READER={waiting[0][1]} ({len(waiting)} readings are open)"
        if missing:
            return f"Next: make run STUDY={self.called} ({missing} result{'s are' if missing > 1 else ' is'} missing)"
        return f"Next: make manuscript STUDY={self.called} writes the study as an article"

    def failed(self) -> None:
        """Tell how far a failed run got."""
        self.told = True
        if "preliminary" in self.targets():
            self.tell("\n".join(self.preliminary()))

    def end_of_nothing(self) -> None:
        """Tell the same of a run that had nothing to do, past the logger, which is closed by then."""
        if "preliminary" in self.targets():
            print(*self.preliminary(), sep="\n", file=sys.stderr)

    def preliminary(self) -> list[str]:
        """How many preliminary segmentations there are, why others are missing, and what to do next."""
        folder, reasons = self.plan.study.folder, {scan: self.lacks(scan) for scan in self.plan.scans}
        lines = preliminary_text(reasons)
        if "normal marrow missing" in reasons.values():
            lines.append(
                f"Next: draw normal marrow on each of these STIR scans on its page (make read STUDY={self.called} TASK=marrow), "
                f"or name a mask in column normal_marrow of {folder}/scans.tsv, then make preliminary STUDY={self.called} "
                "(docs/own_cohort.md)"
            )
        elif None not in reasons.values():
            lines.append(f"Next: add what is missing to {folder}/scans.tsv, then make preliminary STUDY={self.called}")
        elif self.plan.open_readings:
            lines.append(f"Next: make packs STUDY={self.called}, what readers clean")
        else:
            lines.append(f"Next: make run STUDY={self.called}")
        return lines

    def lacks(self, scan: str) -> str | None:
        """Why a scan has no preliminary segmentation; None where it has one."""
        if Path(f"results/{self.plan.study.label}/5_small_regions/{scan}.nii.gz").is_file():
            return None
        if self.plan.scans[scan]["stir"] is None:
            return "STIR missing"
        if self.plan.needs_patch and self.plan.scans[scan]["normal_marrow"] is None:
            return "normal marrow missing"
        return "failed (the message stands above)" if self.plan.has_region(scan) else "disease region missing"
