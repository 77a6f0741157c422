"""What a study expects of one scan, for its page."""

from vhi.report.inventory import expected_parts, state_of_reading
from vhi.study.plan import Plan


def expected_of_scan(plan: Plan, scan: str) -> list[dict]:
    """Say what a study expects of a scan and whether it is there: rows of ``what``, ``state``, ``note``."""
    read = {row["reader"]: state_of_reading(row) for row in plan.cleaned_trials if row["scan"] == scan}
    source = plan.chosen_region(scan)[0] if plan.has_region(scan) else None
    return expected_parts(plan.scans[scan], source, plan.config["readers"], read, scan in plan.study.with_stir)
