"""Plan of the readings: which are handed in, which are open, and what can be computed from them."""

from functools import cache, cached_property
from pathlib import Path

from vhi.study.plan_regions import Regions
from vhi.study.records import kept_file, read_key

MADE_TABLES = ("scores", "sparcc_sheets", "clinical")  # of a simulated study, next to its scans
ROOM = "<results>/6b_reading_room"


def is_open(row: dict) -> bool:
    """Whether a reading is still to be done."""
    return row["method"] == "semiautomatic" and row["mask"] is None and row["vhi_voxels"] is None


class Readings(Regions):
    """How far each reading gets."""

    def __init__(self, *given, **named):
        super().__init__(*given, **named)
        self.room = self.config["reading_room"]
        columns = ("scan", "reader", "trial", "method")
        self.readings = {tuple(str(row[name]) for name in columns): row for row in self.study.tables["readings"]}

    @cached_property
    def open_readings(self) -> list[tuple[str, str, str, str]]:
        """Readings that are still to be done: (scan, reader, trial, method)."""
        return [key for key, row in self.readings.items() if is_open(row)]

    @property
    def all_read(self) -> bool:
        """Whether there are readings and none is open, so that they can be compared."""
        return bool(self.readings) and not self.open_readings

    def is_cleaned(self, row: dict) -> bool:
        """Whether a reading is a cleaned mask of a preliminary segmentation."""
        return row["method"] == "semiautomatic" and row["mask"] is not None and row["scan"] in self.measurable

    @cached_property
    def cleaned_readings(self) -> list[tuple[str, str, str]]:
        """Semi-automatic readings with a mask: (scan, reader, trial)."""
        return [key[:3] for key, row in self.readings.items() if self.is_cleaned(row)]

    def cleaned_file(self, scan: str, reader: str, trial: str, ending: str = ".nii.gz") -> str:
        """What the cleaning of a reading leaves: the mask that was taken in, or its record (`_record.json`)."""
        return f"<results>/6_cleaning/{reader}/{trial}/{scan}{ending}"

    def cleaned_files(self, ending: str = ".nii.gz") -> list[str]:
        """The same of all cleaned readings."""
        return [self.cleaned_file(*key, ending) for key in self.cleaned_readings]

    def handed_in(self, *key: str) -> str:
        """The mask or record that a reader handed in, of (scan, reader, trial)."""
        return self.readings[*key, "semiautomatic"]["mask"]

    def mask_of(self, row: dict) -> str | None:
        """The mask that is measured: a manual one as drawn, a cleaned one as taken in; None where there is none."""
        if row["method"] == "manual":
            return row["mask"]
        return self.cleaned_file(row["scan"], row["reader"], str(row["trial"])) if self.is_cleaned(row) else None

    @property
    def reading_masks(self) -> list[str]:
        """Every mask that is measured."""
        return [mask for row in self.readings.values() if (mask := self.mask_of(row)) is not None]

    @property
    def reading_rows(self) -> list[dict]:
        """What a script needs to know of each reading that is handed in."""
        columns = ("scan", "reader", "trial", "method", "vhi_voxels")
        return [
            {column: row[column] for column in columns}
            | {column: self.scans[row["scan"]][column] for column in ("subject", "session", "stir")}
            | {"has_mask": self.mask_of(row) is not None}
            for row in self.readings.values()
            if not is_open(row) and (row["method"] == "semiautomatic" or row["mask"] is not None)
        ]

    @property
    def read_scans(self) -> list[str]:
        """Scans with a reading and a preliminary segmentation to set it beside."""
        read = {row["scan"] for row in self.reading_rows}
        return [scan for scan in self.measurable if scan in read]

    # First cleanings: what V_HI is.

    @cached_property
    def cleaned_trials(self) -> list[dict]:
        """Rows of the first cleaning by each reader."""
        return [row for row in self.readings.values() if row["method"] == "semiautomatic" and row["trial"] == 1]

    def first_readings(self, scans: list[str]) -> list[dict]:
        """Every first cleaning of these scans that is handed in, as mask or as published count."""
        columns, read = ("scan", "reader", "vhi_voxels"), [row for row in self.cleaned_trials if not is_open(row)]
        return [{column: row[column] for column in columns} for row in read if row["scan"] in scans]

    @cached_property
    def compared_readings(self) -> dict[tuple[str, str], str]:
        """Scan and reader of every first cleaning with a mask, and where what was kept lies."""
        return {key[:2]: self.cleaned_file(*key) for key in self.cleaned_readings if key[2] == "1"}

    def cleaned_of(self, scans: list[str]) -> dict[tuple[str, str], str]:
        """Compared readings of these scans."""
        return {key: path for key, path in self.compared_readings.items() if key[0] in scans}

    @property
    def cleaning_readers(self) -> list[str]:
        """Readers with a cleaned reading, in the order of the config."""
        found = {row["reader"] for row in self.cleaned_trials}
        return [reader for reader in self.config["readers"] if reader in found]

    # The study's other tables.

    def study_table(self, name: str) -> str | list:
        """Path of a study's table: made by the simulation, or written by hand; an empty list where it has no rows."""
        if self.config["simulation"] and name in MADE_TABLES:
            return f"<results>/0_scans/{name}.tsv"
        return f"{self.study.folder}/{name}.tsv" if self.study.tables[name] else []

    @property
    def sparcc_scores(self) -> str | list:
        """SPARCC of every scan and reader; an empty list where nobody scored."""
        scored = self.study_table("scores") or self.study_table("sparcc_sheets")
        return "<results>/cohort/sparcc.tsv" if scored else []

    @property
    def clinical_response(self) -> str | list:
        """Clinical response of every subject; an empty list where there is no clinical table."""
        return "<results>/7_3_responsiveness/clinical_response.tsv" if self.study_table("clinical") else []

    # The reading room.

    @property
    def record_schema(self) -> str:
        """Schema of a reader's record."""
        return str(self.root / "config" / "schemas" / "record.schema.yaml")

    @property
    def page_files(self) -> list[str]:
        """Parts of the page on which readers clean."""
        folder = self.root / "workflow_scripts" / "vhi" / "cleaning" / "reading_room"
        return [
            str(folder / name) for name in ("page.html", "page.css", "reading.js", "view.js", "page.js", "README.txt")
        ]

    @cache  # noqa: B019 (a plan lives as long as its process)
    def key_of(self, reader: str) -> list[dict]:
        """A reader's part of the study's key."""
        return read_key(self.room["records"], reader)

    def key_of_reading(self, scan: str, reader: str, trial: str) -> list[dict]:
        """The key's rows of one reading, with the file that keeps the segmentation each pack showed."""
        rows = [row for row in self.key_of(reader) if (row["scan"], str(row["trial"])) == (scan, str(trial))]
        return [row | {"kept": str(kept_file(self.room["records"], row["preliminary"]))} for row in rows]

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
