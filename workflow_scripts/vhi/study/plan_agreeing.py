"""Plan of the consensus of two readers: a reading of its own, which never enters their agreement."""

from functools import cached_property
from pathlib import Path

from vhi.reading_room.made import decisions_file, read_made
from vhi.study.by_scan import ByScan
from vhi.study.plan_readings import Readings

CONSENSUS = "consensus"
"""The reader of a consensus of two readers."""


class Agreeing(Readings):
    """Which scans are to be agreed on, which are, and whose V_HI is the study's."""

    @property
    def room(self) -> dict:
        """Keys of the config for the reading room."""
        return self.config["reading_room"]

    @cached_property
    def scans_to_agree(self) -> dict[str, list[tuple[str, str, str]]]:
        """Scans with the first cleanings of two readers, and these: the first two in the order of the config."""
        found = {}
        for scan, keys in self.cleaned_scans.items():
            first = [(scan, reader, "1") for reader in self.config["readers"] if (scan, reader, "1") in keys]
            found |= {scan: first[:2]} if len(first) > 1 else {}
        return found

    @cached_property
    def agreed(self) -> dict[str, dict[str, str]]:
        """Scans with a consensus: its mask, and what it stands on (``named``, SHA-256 of both readers' masks)."""
        made, folder = read_made(self.room["records"], CONSENSUS), Path(self.room["records"]) / CONSENSUS
        rows = {row["scan"]: row | {"mask": str(folder / row["mask"])} for row in made}
        return {scan: rows[scan] for scan in self.scans_to_agree if scan in rows}

    @property
    def decisions(self) -> str | list:
        """Table of what was decided; an empty list where nothing was."""
        return str(decisions_file(self.room["records"])) if self.agreed else []

    @property
    def is_consensus(self) -> bool:
        """Whether the study's V_HI is that of the consensus."""
        return self.room["vhi"] == CONSENSUS

    @cached_property
    def unagreed(self) -> list[str]:
        """Scans whose consensus is still to be made, where it is the study's V_HI."""
        readers: dict[str, list[str]] = {}
        for row in self.cleaned_trials if self.is_consensus else []:
            readers.setdefault(row["scan"], []).append(row["reader"])
        several = [scan for scan, of_scan in readers.items() if len(of_scan) > 1]
        if counted := [scan for scan in several if self.all_read and scan not in self.scans_to_agree]:
            self.refuse(
                f"{self.study.folder}/config.yaml: reading_room.vhi is consensus, which needs the cleaned masks of two readers; scan "
                f"{counted[0]} has counts of several readers; take their masks, or set reading_room.vhi to readers"
            )
        return [scan for scan in several if scan not in self.agreed]

    @cached_property
    def vhi_readings(self) -> dict[tuple[str, str], str]:
        """Scan, reader and mask of each first cleaning that is the study's V_HI; one reader's own where nobody else read the scan."""
        if not self.is_consensus:
            return self.compared_readings
        masks = {scan: path for (scan, _), path in self.compared_readings.items() if scan not in self.scans_to_agree}
        masks |= {scan: f"<results>/6_cleaning/{CONSENSUS}/{scan}.nii.gz" for scan in self.agreed}
        return {(scan, CONSENSUS): masks[scan] for scan in self.scans if scan in masks}

    @cached_property
    def vhi_by_scan(self) -> ByScan:
        """The same by scan."""
        return ByScan((item[0][0], item) for item in self.vhi_readings.items())

    def vhi_of(self, scans: list[str]) -> dict[tuple[str, str], str]:
        """Those of these scans."""
        return dict(self.vhi_by_scan.of(scans))

    def vhi_rows(self, scans: list[str]) -> list[dict]:
        """Every reading of these scans that is the study's V_HI, as mask or as published count."""
        rows = self.first_readings(scans)
        if not self.is_consensus:
            return rows
        return [
            row | {"reader": CONSENSUS}
            for row in {row["scan"]: row for row in rows}.values()
            if row["scan"] not in self.unagreed
        ]

    @property
    def consensus_table(self) -> str | list:
        """V_HI of the consensus; an empty list where that of the readers is the study's."""
        return "<results>/6_cleaning/consensus.tsv" if self.is_consensus else []

    @property
    def errors_of_vhi(self) -> str:
        """Table of the study's V_HI with its intervals."""
        return self.consensus_table or "<results>/6_cleaning/uncertainty.tsv"
