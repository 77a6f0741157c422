"""Plan of the reading room: what it shows to whom, and what readers have handed in."""

from functools import cache, cached_property
from pathlib import Path

from vhi.reading_room.keys import kept_file, read_key
from vhi.reading_room.made import made_file, read_made
from vhi.reading_room.pages import PAGES, page_files
from vhi.study.plan_agreeing import Agreeing
from vhi.study.records import pack_of

ROOM = "<results>/6b_reading_room"


class Room(Agreeing):
    """Packs that readers clean, and what came back."""

    @property
    def record_schema(self) -> str:
        """Schema of a reader's record."""
        return str(self.root / "config" / "schemas" / "record.schema.yaml")

    def page_files(self, task: str) -> list[str]:
        """Parts of the page of a task."""
        folder = self.root / "workflow_scripts" / "vhi" / "reading_room"
        return [str(folder / name) for name in page_files(task)]

    @property
    def asked_task(self) -> str:
        """The task that the command line names (`task=marrow`), or ""."""
        task = str(self.asked.get("task") or "")
        if task not in ("", *PAGES):
            self.refuse(f"unknown task '{task}'; tasks: {', '.join(PAGES)}")
        return task

    @cached_property
    def marrow_scans(self) -> list[str]:
        """Scans whose normal marrow is drawn on a page: those without a mask in scans.tsv; all, if this task alone is asked for."""
        if not self.needs_patch:
            return []
        scans = self.scans_with("stir")
        undrawn = [scan for scan in scans if not self.scans[scan].named.get("normal_marrow")]
        return undrawn or (scans if self.asked_task == "marrow" else [])

    @property
    def marrow_with_region(self) -> list[str]:
        """Those with a disease region, so that their page shows the preliminary segmentation."""
        return [scan for scan in self.marrow_scans if self.has_region(scan)]

    @property
    def marrow_proposals(self) -> dict[str, str]:
        """Patch with which a page can begin, by scan: the networks', where they propose one."""
        found = {scan: self.scans[scan]["normal_marrow"] for scan in self.marrow_scans}
        return {scan: path for scan, path in found.items() if path == self.proposed_patch(scan)}

    @property
    def scans_to_score(self) -> list[str]:
        """Scans that can be scored on a page."""
        return [scan for scan in self.scans_with("stir", "t1w") if scan in self.visits]

    @cached_property
    def region_scans(self) -> list[str]:
        """Scans whose disease region is rated on a page: those that nobody drew; all, if this task alone is asked for."""
        undrawn = [scan for scan in self.segmentable if "manual" not in self.drawn_regions(scan)]
        return undrawn or (self.segmentable if self.asked_task == "region" else [])

    @property
    def reviews(self) -> list[str]:
        """Files that hold ratings of disease regions: the study's table, and that of the pages."""
        paths = (f"{self.study.folder}/region_review.tsv", str(made_file(self.room["records"], "region")))
        return [path for path in paths if Path(path).is_file()]

    @cache  # noqa: B019 (a plan lives as long as its process)
    def key_of(self, reader: str) -> list[dict]:
        """A reader's part of the study's key."""
        return read_key(self.room["records"], reader)

    def key_of_reading(self, scan: str, reader: str, trial: str) -> list[dict]:
        """The key's rows of one reading, with the file that keeps the segmentation each pack showed."""
        rows, records = self.key_of(reader), self.room["records"]
        rows = [row for row in rows if (row["scan"], str(row["trial"])) == (scan, str(trial))]
        return [row | {"kept": str(kept_file(records, row["preliminary"]))} for row in rows]

    @cache  # noqa: B019 (a plan lives as long as its process)
    def key_handed_in(self, *key: str) -> list[dict]:
        """The key's row of the pack that the record of (scan, reader, trial) answers; none for a mask.

        No other row: packs that are made later add rows, and what was handed in before must not be taken in again for them.
        """
        pack = pack_of(self.handed_in(*key))
        return [row for row in self.key_of_reading(*key) if row["pack"] == pack] if pack else []

    def readings_of(self, reader: str) -> list[tuple[str, int]]:
        """Scan and trial of the semi-automatic readings of a reader that have a preliminary segmentation."""
        return [
            (scan, int(trial))
            for scan, name, trial, method in self.readings
            if name == reader and method == "semiautomatic" and scan in self.measurable
        ]

    @cached_property
    def readings_to_clean(self) -> list[dict]:
        """What the status needs to know of each semi-automatic reading: what was handed in, a draft, its packs."""
        begun, rows = self.drafts(), []
        for (scan, reader, trial, method), row in self.readings.items():
            if method == "semiautomatic" and scan in self.measurable:
                key = self.key_of_reading(scan, reader, trial)
                draft = (
                    next((begun[one["pack"]] for one in key if one["pack"] in begun), None) if not row["mask"] else None
                )
                found = {"scan": scan, "reader": reader, "trial": int(trial), "mask": row["mask"], "draft": draft}
                rows.append(found | {"vhi_voxels": row["vhi_voxels"], "key": key})
        return rows

    @property
    def pages_done(self) -> list[dict]:
        """How far the pages of each other task are, scan by scan: what was made and by whom, what is begun, what is open."""
        folder, rows = Path(self.room["records"]), []
        tasks = {("marrow", "marrow"): self.marrow_scans, ("region", "region"): self.region_scans}
        tasks[("agreeing", "consensus")] = list(self.scans_to_agree) if self.agreed or self.is_consensus else []
        for reader in self.config["readers"]:
            there = (folder / "scoring" / reader).is_dir()
            tasks[("scoring", f"scoring/{reader}")] = self.scans_to_score if there else []
        for (task, name), scans in tasks.items():
            made = {row["scan"]: row for row in read_made(folder, name)}
            for scan in scans:
                path, row = folder / name / f"{scan}.json", made.get(scan, {})
                state = "done" if row else "begun" if path.is_file() else "open"
                reader = name.partition("/")[2] or row.get("reader") or None
                about = {"task": task, "reader": reader, "scan": scan, "state": state}
                rows.append(about | {"file": str(path) if state != "open" else None, "what": row.get("rating") or None})
        return rows

    def drafts(self) -> dict[str, str]:
        """Records that are begun and not finished, by pack."""
        found = {}
        for reader in self.config["readers"]:
            for path in sorted((Path(self.room["records"]) / reader).glob("*.json")):
                found |= {
                    row["pack"]: str(path) for row in self.key_of(reader) if row["code"] == path.stem.split("_")[0]
                }
        return found

    @cached_property
    def scans_of_two(self) -> list[str]:
        """Scans that at least two readers cleaned."""
        readers: dict[str, set] = {}
        for scan, reader, _ in self.cleaned_readings:
            readers.setdefault(scan, set()).add(reader)
        return [scan for scan, of_scan in readers.items() if len(of_scan) > 1]

    @property
    def sparcc_sheets_handed_in(self) -> dict[str, str]:
        """File of every SPARCC sheet that lies beside the records, by reader."""
        paths = {reader: f"{self.room['records']}/{reader}/sparcc_sheet.tsv" for reader in self.config["readers"]}
        return {reader: path for reader, path in paths.items() if Path(path).is_file()}
