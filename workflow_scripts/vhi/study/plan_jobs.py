"""Plan of the jobs: which of them may run together in one process."""

from vhi.study.plan_shown import Shown


class Jobs(Shown):
    """Jobs of rules that work on one scan each."""

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
        return jobs | {"ingest_cleaned_mask": cleaned}
