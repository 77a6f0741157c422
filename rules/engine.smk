# The ties to Snakemake's internals, each with its reason; tests/test_engine.py names the one that broke. No rules.
# Those that only make it faster stand in engine_speed.smk.
# The ties were seen to hold from 9.14 on. Another major version is refused.

import logging

from snakemake import __version__ as snakemake_version
from snakemake.io import IOFile
from snakemake.resources import Resources
from snakemake.settings.enums import Quietness
from snakemake.utils import min_version

from vhi.io.progress import Terminal
from vhi.io.terminal import in_place

MEGABYTES, MINUTES = 1500, 240  # of a rule that states none, with any profile or without

min_version("9.14")
if int(snakemake_version.split(".")[0]) > 9:
    refuse(f"Snakemake {snakemake_version}: expected 9.14 or later within 9; make setup installs the tested version")


def declared(rule):
    """What a rule declares. There is no public way to ask for input functions and params."""
    return getattr(rules, rule).rule.ruleinfo


def forget(rule):
    """Take a rule away whose jobs are made by batches.

    Snakemake prefers a batch, whose outputs have no wildcard, to the rule of one scan. But it would try that one for each file
    as well, which takes as long as to plan for single scans: 38 instead of 24 s for 2,000 of them.
    """
    del workflow._rules[rule]


def keep_only(steps, batches):
    """Take every rule away but these and their batches, as `--allowed-rules` would, which knows no batches.

    Files of the other rules then count as given: nothing else is made, whatever has changed since.
    """
    kept = {*steps, *(batch.name for batch in batches if batch.step in steps)}
    for name in {one.name for one in workflow.rules if one.output} - kept:
        forget(name)


def growing(megabytes):
    """Memory of an attempt, from that of the first: a job that was killed for want of it gets more (`retries`)."""
    return lambda wildcards, attempt: attempt * megabytes


def fill_in_resources():
    """Fill in memory that grows with the attempt, and a time; what a profile sets (`set-resources`) stands."""
    for one in workflow.rules:
        memory = one.resources.get("mem_mb")
        by_formula = memory is not None and memory.is_evaluable()
        if not (by_formula and one.name in workflow.resource_settings.overwrite_resources):
            first = None if by_formula or memory is None else memory.value
            one.resources.update(Resources.from_mapping({"mem_mb": growing(first or MEGABYTES)}))
        if "runtime" not in one.resources:
            one.resources.update(Resources.from_mapping({"runtime": MINUTES}))


def record_of(path):
    """What Snakemake recorded of an output; None where no rule made it."""
    record = workflow.persistence.metadata(IOFile(str(path)))
    return record if record and record.get("rule") and not record.get("incomplete") else None


def forget_records():
    """Make Snakemake read its records anew: it remembers what was not yet made."""
    workflow.persistence._clear_cache()


def tell_briefly():
    """Keep the terminal to what the user needs, but for a dry run and `--verbose`; the log file has it all."""
    for handler in logger.handlers if not workflow.output_settings.verbose else ():
        if handler.name == "DefaultStreamHandler":
            emit = handler.emit
            told = lambda text: emit(logging.makeLogRecord({"msg": text, "levelno": logging.INFO, "levelname": "INFO"}))
            folders = (f"results/{STUDY.label}", "results", ".snakemake")
            rewrite = in_place if sys.stderr.isatty() else None
            terminal = Terminal(told, folders, steps=bool(os.environ.get("VHI_VERBOSE")), rewrite=rewrite)
            # Whether a run is dry is settled after these files are read.
            handler.addFilter(lambda record: workflow.dryrun or terminal.filter(record))


def asked_for():
    """The targets that the command line names."""
    return workflow.dag_settings.targets


def ran():
    """Whether jobs were scheduled, or would have been had there been any."""
    return workflow.scheduler is not None and not workflow.dryrun


def is_quiet():
    """Whether the command line asked not to name rules: make report, which says what is absent in its inventory."""
    return Quietness.RULES in (workflow.output_settings.quiet or ())
