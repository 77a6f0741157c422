# The study that runs, and the few helpers that all rule files share. No rules.
#
#   in   --config study= data= variant=; reader=, task=, only= and scans_per_job= for some targets
#   out  STUDY as it was read, PLAN: how far each scan and reading gets, and which files that makes (vhi/study/plan.py)

import gc
import os
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError
from snakemake.logging import logger

HERE = str(workflow.current_basedir)  # of this file: the main Snakefile is another's where this workflow is a module
if "://" in HERE:
    raise WorkflowError(
        f"{HERE}: this workflow needs its files on this computer (an edit to a module reruns what stands on it); clone the "
        "repository, and name the Snakefile in the clone"
    )
ROOT = Path(os.path.relpath(Path(HERE).parent))
SCRIPTS = ROOT / "workflow_scripts"
COVERAGE = str(SCRIPTS / "vhi" / "statistics" / "coverage.tsv")  # measured: benchmarks/coverage.py
sys.path.insert(0, str(SCRIPTS.resolve()))

from vhi.io.code import code_of
from vhi.io.errors import InputError
from vhi.study.load import load_study
from vhi.study.plan import Plan
from vhi.study.plan_networks import ROLES

gc.set_threshold(1_000_000, 50, 50)  # jobs are many and live to the end: looking for dead ones took a fifth of a plan
CHOICES = {"study": "paper", "variant": "", "data": ""}
FURTHER_CHOICES = {"scans_per_job", "reader", "task", "only"}


def refuse(text):
    """End with one line for a mistake of the user's; an exception would add where in these files it was raised, which helps nobody."""
    logger.error(f"ERROR: {text}")
    sys.exit(1)


def chosen_study():
    """The study that the command line names; every other key of a study is set in its config or a variant."""
    unknown = set(config) - CHOICES.keys() - FURTHER_CHOICES
    if unknown:
        refuse(
            f"--config {sorted(unknown)[0]}=...: unknown; allowed are study, data and variant, reader, task, only and scans_per_job. To change a key "
            "of the study, write config/<study>/variants/NAME.yaml and add variant=NAME"
        )
    try:
        return load_study(ROOT, *(str(config.get(key) or default) for key, default in CHOICES.items()))
    except InputError as error:
        refuse(error)


STUDY = chosen_study()
CONFIG = STUDY.config
PLAN = Plan(STUDY, ROOT, dict(config), refuse)
LIMIT_RULE = {key: CONFIG["limits"][key] for key in ("rule", "n_start", "n_step", "iqr_share")}
# Params of every rule that predicts disease regions.
PREDICTING = PLAN.averaging | {key: CONFIG["ensemble"][key] for key in ("precision", "threads")} | CONFIG["orientation"]
SHOWN = []  # what the report shows, in the order of the rules
CATEGORIES = {
    "overview": "0 Overview", "notebooks": "0 Overview", "1_normal_bone": "1 Normal marrow",
    "3a_unet_training": "3 Disease region", "3b_disease_region": "3 Disease region",
    "5_small_regions": "5 Preliminary segmentation", "6_cleaning": "6 Cleaning", "6b_reading_room": "6 Cleaning",
    "cohort": "7.0 Cohort", "7_1_overlap": "7.1 Overlap", "7_2_agreement": "7.2 Agreement", "7_3_responsiveness": "7.3 Responsiveness",
    "7_4_disagreement": "7.4 Failure analysis", "simulated_truth": "7.5 Truth (simulated)", "sample_size": "7.6 Sample size",
    "multiverse": "7.7 Multiverse", "claims.html": "0.1 Claims", "report": "8 Reporting", "provenance": "9 Provenance",
}  # fmt: skip


pathvars:
    results=f"results/{STUDY.label}",
    logs=f"results/{STUDY.label}/logs",


wildcard_constraints:
    scan=PLAN.scan_names,
    setting=r"fast|robust|thorough|levels-\d+_kernel-\d+",
    fold=r"\d+",
    part="train|all",
    run=r"\d+",
    seed=r"\d+",
    reader="|".join(CONFIG["readers"] or ["-"]),
    trial=r"\d+",


def code(script):
    """The modules of the project that a script imports: an edit to one of them reruns the rule."""
    return [str(path) for path in code_of(SCRIPTS / script)]


def planned(name):
    """Input function: what the plan says under a name, when the job is planned."""
    return lambda wildcards: getattr(PLAN, name)


def each(pattern, scans):
    """Input function: a result of each of these scans of the plan."""
    return lambda wildcards: [f"<results>/{pattern}".replace("{scan}", scan) for scan in getattr(PLAN, scans)]


def of_scan(column):
    """Input function: the file that scans.tsv names in a column for the wildcard's scan."""
    return lambda wildcards: PLAN.file_of(wildcards.scan, column)


def shown(path, label, category=None, caption=None):
    """A result that the report shows, with its caption; its path, which may be a pattern."""
    caption = str(ROOT / "rules" / "captions" / f"{caption or Path(path).name.split('.')[0]}.rst")
    about = {"label": label, "category": category or CATEGORIES[Path(path).parts[0]], "caption": caption}
    SHOWN.append({"path": path} | about)
    return f"<results>/{path}"


def drawn(path, label, **about):
    """A figure: the PNG that the report shows, and the SVG."""
    about = {"caption": Path(path).name} | about
    return shown(f"{path}.png", label, **about), f"<results>/{path}.svg"
