"""What every part of a plan stands on: the study, its scans, and how a mistake of the user's is told."""

import os
import re
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import NoReturn

from vhi.io.errors import InputError
from vhi.study.load import Study, own_version


def refused(text: str) -> NoReturn:
    """Raise `InputError`: what a plan does with a mistake of the user's where nobody says otherwise."""
    raise InputError(text)


class Base:
    """A study, and what its scans.tsv says.

    Parameters
    ----------
    study : Study
        As loaded.
    root : Path
        The workflow's folder.
    asked : dict, optional
        What the command line asks for beside the study: ``reader`` and ``scans_per_job``.
    refuse : callable, optional
        Called with the message of a user's mistake; it must not return.
    """

    def __init__(
        self, study: Study, root: Path, asked: dict | None = None, refuse: Callable[[str], NoReturn] = refused
    ):
        self.study, self.root, self.asked, self.refuse = study, Path(root), asked or {}, refuse
        self.config, self.training = study.config, study.config["training"]
        self.scans = {row["scan"]: row for row in study.tables["scans"]}
        if self.config["normal_marrow"]["source"] == "proposed_where_absent":
            for row in self.scans.values():
                if row["stir"] and not row["normal_marrow"]:
                    row["normal_marrow"] = self.proposed_patch(row["scan"])

    def proposed_patch(self, scan: str) -> str:
        """Path of the patch of normal marrow that networks propose; literal, since it stands in for a table's."""
        return f"results/{self.study.label}/1_normal_bone/proposed/{scan}.nii.gz"

    @cached_property
    def version(self) -> str:
        """Version of this project."""
        return own_version(self.root)

    @property
    def scan_names(self) -> str:
        """What may stand for {scan}: the names themselves, or their shapes where they are so many that each path would take long."""
        # Snakemake parses this anew for each file; 2,000 names took a fifth of a plan. s0001_pre has the shape s[0-9]+_pre.
        names = self.scans if len(self.scans) <= 100 else [re.sub("[0-9]+", "[0-9]+", scan) for scan in self.scans]
        return "|".join(dict.fromkeys(names))

    def file_of(self, scan: str, column: str) -> str:
        """The file that scans.tsv names in a column."""
        path = self.scans[scan][column]
        if path is None:
            self.refuse(f"scan {scan}: {self.study.folder}/scans.tsv names no {column}, or it is absent")
        return path

    def scans_with(self, *columns: str) -> list[str]:
        """Scans that have a file in each of these columns."""
        return [scan for scan, row in self.scans.items() if all(row[column] is not None for column in columns)]

    def scan_rows(self, scans: list[str], *columns: str) -> list[dict]:
        """Rows of scans.tsv for a script, with the given columns."""
        return [{column: self.scans[scan][column] for column in ("scan", *columns)} for scan in scans]

    def files_of(self, scans: list[str], *columns: str) -> list[str]:
        """Files of scans, column by column within a scan."""
        return [self.scans[scan][column] for scan in scans for column in columns]

    def in_data(self, path: str | None) -> str | None:
        """A path as the tables name it: relative to the data folder, so that a result does not carry where that lies."""
        return os.path.relpath(path, self.config["data"]) if path else None
