"""Plan of the readings: which are handed in, which are open, and what can be computed from them."""

from functools import cached_property

from vhi.reading_room.made import sheet_file
from vhi.study.by_scan import ByScan
from vhi.study.plan_regions import Regions

MADE_TABLES = ("scores", "sparcc_sheets", "clinical")  # of a simulated study, next to its scans


def is_open(row: dict) -> bool:
    """Whether a reading is still to be done."""
    return row["method"] == "semiautomatic" and row["mask"] is None and row["vhi_voxels"] is None


class Readings(Regions):
    """How far each reading gets."""

    def __init__(self, *given, **named):
        super().__init__(*given, **named)
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

    @cached_property
    def cleaned_scans(self) -> dict[str, list[tuple[str, str, str]]]:
        """Scans with a cleaned mask, and the readings that gave one."""
        scans: dict[str, list[tuple[str, str, str]]] = {}
        for key in self.cleaned_readings:
            scans.setdefault(key[0], []).append(key)
        return scans

    @property
    def cleaned_rows(self) -> list[dict]:
        """What a script needs to know of each cleaned mask, scan by scan as `cleaned_scans`."""
        return [
            {"scan": scan, "reader": reader, "trial": int(trial)}
            | {column: self.scans[scan][column] for column in ("subject", "session", "repeat")}
            for keys in self.cleaned_scans.values()
            for scan, reader, trial in keys
        ]

    @property
    def joint_example(self) -> str:
        """The scan whose joints a figure shows: the first with a cleaned mask, of those that the config names if there is one."""
        return next(
            scan
            for scan in (*self.config["figures"]["example_scans"], *self.cleaned_scans)
            if scan in self.cleaned_scans
        )

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
            | {
                column: self.scans[row["scan"]][column]
                for column in ("subject", "session", "repeat", "stir", "voxel_mm3")
            }
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

    @property
    def has_repeats(self) -> bool:
        """Whether a reader cleaned a scan twice."""
        return any(reading[2:] == ("2", "semiautomatic") for reading in self.readings)

    @property
    def reading_order(self) -> list[dict]:
        """Place of each first cleaning in its reader's order of reading, of those where it is known."""
        columns = ("scan", "reader", "order")
        return [{column: row[column] for column in columns} for row in self.cleaned_trials if row["order"]]

    @cached_property
    def trials_by_scan(self) -> ByScan:
        """First cleanings by scan."""
        return ByScan((row["scan"], row) for row in self.cleaned_trials)

    def first_readings(self, scans: list[str]) -> list[dict]:
        """Every first cleaning of these scans that is handed in, as mask or as published count."""
        columns, read = ("scan", "reader", "vhi_voxels"), self.trials_by_scan.of(scans)
        return [{column: row[column] for column in columns} for row in read if not is_open(row)]

    @cached_property
    def compared_readings(self) -> dict[tuple[str, str], str]:
        """Scan and reader of every first cleaning with a mask, and where what was kept lies."""
        return {key[:2]: self.cleaned_file(*key) for key in self.cleaned_readings if key[2] == "1"}

    @cached_property
    def compared_by_scan(self) -> ByScan:
        """Compared readings by scan."""
        return ByScan((item[0][0], item) for item in self.compared_readings.items())

    def cleaned_of(self, scans: list[str]) -> dict[tuple[str, str], str]:
        """Compared readings of these scans."""
        return dict(self.compared_by_scan.of(scans))

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
    def sparcc_made(self) -> list[str]:
        """SPARCC sheets that the scoring page made."""
        paths = [sheet_file(self.config["reading_room"]["records"], reader) for reader in self.config["readers"]]
        return [str(path) for path in paths if path.is_file()]

    @property
    def sparcc_scores(self) -> str | list:
        """SPARCC of every scan and reader; an empty list where nobody scored."""
        scored = self.study_table("scores") or self.study_table("sparcc_sheets") or self.sparcc_made
        return "<results>/cohort/sparcc.tsv" if scored else []

    @property
    def clinical_response(self) -> str | list:
        """Clinical response of every subject; an empty list where there is no clinical table."""
        return "<results>/7_3_responsiveness/clinical_response.tsv" if self.study_table("clinical") else []
