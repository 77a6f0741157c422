# Every tie to Snakemake's internals, each with its reason; tests/test_engine.py names the one that broke. Included last.
# They were seen to hold from 9.14 on; another major version is refused.

import atexit
import logging

from snakemake import __version__ as snakemake_version
from snakemake.io import IOFile, is_flagged
from snakemake.resources import Resources
from snakemake.settings.enums import Quietness
from snakemake.utils import min_version

from vhi.io.batches import Batch, batches_of
from vhi.io.manifest import Manifest, made_by
from vhi.io.progress import Terminal
from vhi.report.inventory import methods_text, read_inventory, top_of_report
from vhi.study.words import Words

min_version("9.14")
if int(snakemake_version.split(".")[0]) > 9:
    refuse(
        f"Snakemake {snakemake_version}: expected 9.14 or later within 9; make setup installs the version that was tested"
    )
MEGABYTES, MINUTES = 1500, 240  # of a rule that states none, with any profile or without
IS_REPORT = any(word.split("=")[0] == "--report" for word in sys.argv)
SAYS = Words(PLAN, logger.info, lambda: workflow.dag_settings.targets)
MANIFEST = Manifest(
    ROOT, STUDY.folder, CONFIG["data"], STUDY.label
)  # written by handlers, since it lists what a run made


BATCHES = [
    Batch(
        step, number, jobs, getattr(rules, step).rule.ruleinfo
    )  # there is no public way to ask a rule what it declares
    for step, number, jobs in batches_of(PLAN.batched, PLAN.scans_per_job)
]
for step in {batch.step: None for batch in BATCHES}:
    # Snakemake prefers a batch, whose outputs have no wildcard, to the rule of one scan. But it would try that one for each
    # file as well, which takes as long as to plan for single scans: 38 instead of 24 s for 2,000 of them.
    del workflow._rules[step]

for batch in BATCHES:

    rule:
        name:
            batch.name
        input:
            sorted({*code("batch.py"), *code(batch.script)}),
            script=str(SCRIPTS / batch.script),
            files=batch.inputs,
        output:
            batch.outputs,
        log:
            batch.log,
        conda:
            batch.conda
        threads: batch.threads
        resources:
            **batch.resources,
        params:
            **batch.params,
        message:
            batch.message
        script:
            "../workflow_scripts/batch.py"

    made = getattr(rules, batch.name).rule
    # Snakemake asks each batch for each of its files, and compiles a pattern per file to answer: a sixth of a large plan.
    made.is_producer = frozenset(map(str, made.products())).__contains__
    if IS_REPORT:
        made.name = batch.step  # one node in the graph of rules, not one per batch


def growing(megabytes):
    """Memory of an attempt, from that of the first: a job that was killed for want of it gets twice as much (`retries`)."""
    return lambda wildcards, attempt: attempt * megabytes


for given in workflow.rules:
    stated = given.resources.get("mem_mb")
    if not (stated and stated.is_evaluable() and given.name in workflow.resource_settings.overwrite_resources):
        first = (stated.value if stated and not stated.is_evaluable() else None) or MEGABYTES
        given.resources.update(Resources.from_mapping({"mem_mb": growing(first)}))
    if "runtime" not in given.resources:
        given.resources.update(Resources.from_mapping({"runtime": MINUTES}))


report: "captions/workflow.rst"


if IS_REPORT:
    inventory = read_inventory(Path("results") / STUDY.label / "inventory.tsv")
    config["top"] = top_of_report(inventory, CONFIG["simulated"])
    config["methods"] = methods_text(Path("results") / STUDY.label)
    for file in (file for given in workflow.rules for file in given.output):
        if is_flagged(file, "report") and "{" not in file and not Path(file).exists():
            file.flags.pop("report")  # Snakemake would refuse the whole report; its top says what is missing


def shown_in_report(targets):
    """While a run computes, the targets as they are; in a report, those that are there, and the pages that were made beside."""
    if not IS_REPORT:
        return targets
    beside = (
        PLAN.targets_of_pages + PLAN.targets_of_notebooks + (PLAN.targets_of_leave_one_out if PLAN.is_trained else [])
    )
    return [path for path in targets + beside if Path(path.replace("<results>", f"results/{STUDY.label}")).exists()]


def record_of(path):
    """What Snakemake recorded of an output; None where no rule made it."""
    record = workflow.persistence.metadata(IOFile(str(path)))
    return record if record and record.get("rule") and not record.get("incomplete") else None


def write_manifest():
    """Write the checksums of what was made; a run that cannot do so is not lost."""
    workflow.persistence._clear_cache()  # it remembers what was not yet made
    try:
        MANIFEST.write(lambda path: made_by(path, MANIFEST.results, record_of))
    except (OSError, InputError) as error:
        logger.error(f"ERROR: {MANIFEST.results}/manifest.tsv was not written: {error}")


def look_once_per_job():
    """Take away Snakemake's own limit of 100 jobs a second; one that was asked for (`max-jobs-per-timespan`) stays.

    To keep to it, Snakemake (seen in 9.27) sets a timer after each look at the queue for another look a second later, which
    sets a timer in its turn, and none of them ends: after 100 jobs it goes through the queue 100 times a second.
    """
    scheduler = getattr(workflow, "scheduler", None)
    limit = getattr(scheduler, "job_rate_limiter", None)
    if limit and (limit.max_jobs, limit.timespan) == (100, 1):  # the default
        scheduler.job_rate_limiter = None


def at_exit():
    """Do what a handler would: Snakemake calls none where nothing is to be done, as after a run that was killed at its end."""
    if workflow.scheduler is not None and not workflow.dryrun:
        if MANIFEST.is_due():
            write_manifest()
        if not SAYS.told:
            SAYS.end_of_nothing()


def tell_briefly():
    """Keep the terminal to what the user needs, but for a dry run and `--verbose`; the log file has it all."""
    for handler in logger.handlers if not workflow.output_settings.verbose else ():
        if handler.name == "DefaultStreamHandler":
            emit = handler.emit
            told = lambda text: emit(logging.makeLogRecord({"msg": text, "levelno": logging.INFO, "levelname": "INFO"}))
            terminal = Terminal(told, (f"results/{STUDY.label}", "results", ".snakemake"))
            # Whether a run is dry is settled after these files are read.
            handler.addFilter(lambda record: workflow.dryrun or terminal.filter(record))


onstart:
    look_once_per_job()
    MANIFEST.open()


onsuccess:
    write_manifest()
    SAYS.next()


onerror:
    write_manifest()
    SAYS.failed()


if workflow.exec_mode.name == "DEFAULT":
    if Quietness.RULES not in (workflow.output_settings.quiet or ()):  # make report says it once more, in its inventory
        SAYS.absent()
        SAYS.open()  # here too: Snakemake calls no handler where nothing is to be done
    tell_briefly()
    atexit.register(at_exit)
