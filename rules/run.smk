# Around a run: batches, the manifest, and what the user is told. Included last, since it looks at all rules.
#
#   in   scans_per_job
#   out  results/<study>/manifest.tsv    checksums of what was made

import atexit

from vhi.io.batches import Batch, batches_of
from vhi.io.manifest import Manifest, made_by
from vhi.study.words import Words

SAYS = Words(PLAN, logger.info, asked_for)
RESULTS = Path("results") / STUDY.label
MANIFEST = Manifest(ROOT, STUDY.folder, CONFIG["data"], STUDY.label)
BATCHES = [Batch(*one, declared(one[0])) for one in batches_of(PLAN.batched, PLAN.scans_per_job)]

for step in dict.fromkeys(batch.step for batch in BATCHES):
    forget(step)
for batch in BATCHES:  # the scripts of several scans, one after the other in one process

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


if "only" in PLAN.asked:
    keep_only(PLAN.asked["only"].split(), BATCHES)


look_up_once(BATCHES)
fill_in_resources()
start_without_pandas()


def write_manifest():
    """Write the checksums of what was made; a run that cannot do so is not lost."""
    forget_records()
    try:
        MANIFEST.write(lambda path: made_by(path, RESULTS, record_of))
    except (OSError, InputError) as error:
        logger.error(f"ERROR: {RESULTS}/manifest.tsv was not written: {error}")


def at_exit():
    """Do what a handler would: Snakemake calls none where nothing is to be done, as after a run that was killed at its end."""
    if ran():
        if MANIFEST.is_due():
            write_manifest()
        if not SAYS.told:
            SAYS.end_of_nothing()


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
    if not is_quiet():
        SAYS.absent()
        SAYS.passed_over()
        SAYS.open()  # here too: Snakemake calls no handler where nothing is to be done
    tell_briefly()
    fork_small_jobs()
    atexit.register(at_exit)
