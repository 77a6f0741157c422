"""Two variants of a study side by side: what each of them has left under results/."""

from pathlib import Path

from vhi.io.errors import InputError
from vhi.study.config import read_config
from vhi.study.load import label
from vhi.study.plan import Plan
from vhi.study.rows import read_schema

BASE = "base"
"""What the study without a variant is called."""


def variant_config(plan: Plan, name: str) -> dict:
    """Read the config of a variant as it stands now, with defaults."""
    try:
        variant = "" if name == BASE else name
        return read_config(Path(plan.study.folder), variant, read_schema(plan.root, "config"))
    except InputError as error:
        plan.refuse(error)


def variant_files(plan: Plan, name: str) -> list[str]:
    """Find the results of a variant that are compared; refuse one that has not been run."""
    variant_config(plan, name)  # that there is such a variant comes first
    folder = Path("results") / label(plan.study.folder, "" if name == BASE else name)
    found = sorted(map(str, folder.glob("5_small_regions/*.nii.gz")))
    if not found:
        setting = "" if name == BASE else f" VARIANT={name}"
        plan.refuse(
            f"'{name}' of study {plan.study.name} is not run: {folder}/5_small_regions has no segmentation; "
            f"make run STUDY={plan.study.name}{setting}"
        )
    found += sorted(map(str, folder.glob("2_threshold/*.json")))
    tables = ("6_cleaning/measurements.tsv", "7_1_overlap/dice.tsv")
    return found + [str(folder / table) for table in tables if (folder / table).is_file()]
