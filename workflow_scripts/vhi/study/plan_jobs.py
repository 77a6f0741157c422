"""Plan of the jobs, which of them may run together in one process; and of the sources: outside files, all code, the config."""

from functools import cached_property
from pathlib import Path

from vhi.study.config import averaging_settled, read_config, with_defaults
from vhi.study.load import TABLES
from vhi.study.plan_shown import Shown
from vhi.study.rows import read_schema

CODE = (
    "Snakefile",
    "rules/**/*.smk",
    "workflow_scripts/**/*.py",
    "workflow_scripts/**/templates/*",
    "envs/*.yaml",
    "config/schemas/*.yaml",
)


class Jobs(Shown):
    """Jobs of rules that work on one scan each, and what all results stand on."""

    @property
    def scans_per_job(self) -> int:
        """How many scans a job works on; the command line, where a profile may stand, wins over the study's config."""
        given = self.asked.get("scans_per_job", self.config["scans_per_job"])
        if not isinstance(given, int) or given < 1:
            self.refuse(f"--config scans_per_job={given}: expected a whole number from 1")
        return given

    @property
    def batched(self) -> dict[str, list[dict]]:
        """Rules that may run in batches, and the wildcards of their jobs: those that the study's targets need."""
        scans = {
            "normal_marrow_intensities": self.limited,
            "limits": self.limited,
            "segment_disease_region": self.segmentable,
            "choose_disease_region": self.with_region,
            "threshold_inflammation": self.measurable,
            "drop_small_regions": self.measurable,
            "preliminary_stability": self.measurable,
            "consensus": self.agreed,
            "scan_page": self.imaged,
        }
        if self.config["simulation"]:
            read = {(scan, method) for scan, _, _, method in self.readings}
            scans |= {
                "simulate_scan": self.scans,
                "simulate_drawing": [scan for scan in self.scans if (scan, "manual") in read],
                "simulate_cleaning": [scan for scan in self.measurable if (scan, "semiautomatic") in read],
            }
        jobs = {rule: [{"scan": scan} for scan in of] for rule, of in scans.items()}
        cleaned = [dict(zip(("scan", "reader", "trial"), key, strict=True)) for key in self.cleaned_readings]
        errors = [{"scan": scan} for scan in self.cleaned_scans]
        pages = [{"subject": subject} for subject in self.summarised]
        return jobs | {
            "ingest_cleaned_mask": cleaned,
            "reading_errors": errors,
            "joint_territories": errors,
            "patient_summary": pages,
        }

    @cached_property
    def outside_files(self) -> list[tuple[str, str, str]]:
        """Role, name and path of each file that is handed in: scans, masks, weights, config and tables."""
        found, study = {}, self.study
        tools = {one["made"]: one["file"] for one in study.tool_masks.values()}
        for table, rows in study.tables.items() if not self.config["simulation"] else []:
            columns = [name for name, rule in read_schema(self.root, table)["properties"].items() if rule.get("x-file")]
            handed_in = [row[column] for row in rows for column in columns if row[column]]
            found |= {path: ("input", self.in_data(path)) for path in (tools.get(path, path) for path in handed_in)}
        if not self.is_trained:
            named = study.ensemble and f"ensemble {self.config['ensemble']['source']}"
            for path in map(str, self.ensemble_members):
                found[path] = ("weights", (named and f"{named}/{Path(path).name}") or self.in_data(path))
        for name in (
            *(f"{table}.tsv" for table in TABLES),
            "config.yaml",
            f"variants/{study.variant}.yaml",
            "ensembles.yaml",
        ):
            if (Path(study.folder) / name).is_file():
                found[f"{study.folder}/{name}"] = ("study", name)
        return [(*placed, path) for path, placed in found.items()]

    @cached_property
    def code_files(self) -> list[tuple[str, str, str]]:
        """Role, name and path of all code: the Snakefile, rules, scripts, environments, schemas."""
        paths = [path for pattern in CODE for path in sorted(self.root.glob(pattern))]
        return [("code", path.relative_to(self.root).as_posix(), str(path)) for path in paths]

    @property
    def config_as_written(self) -> dict:
        """The config with its defaults, paths as they stand there; without the data folder, which says nothing of a result."""
        written = read_config(Path(self.study.folder), self.study.variant, read_schema(self.root, "config"))
        return {key: value for key, value in sorted(written.items()) if key != "data"}

    @property
    def default_config(self) -> dict:
        """Every key of the config with its default."""
        return averaging_settled(with_defaults({}, read_schema(self.root, "config")))
