# The manifest of checksums: written when a run ends, well or not, or after one that was killed.

import atexit

from snakemake.io import IOFile

from vhi.io.manifest import NAME, Made, folders_of, place_of, write_manifest

RESULTS = Path("results") / STUDY.label
OPEN = Path(".snakemake") / f"manifest-{STUDY.label}.open"  # there while a run goes on, and after one that was killed


def record_of(path):
    """What Snakemake recorded of an output, of the folder that was made with it, or of the list in the folder of a pack."""
    folders = path.parents[: -len(RESULTS.parts) - 1]
    for made in (path, *folders, *(folder / "reading_list.tsv" for folder in folders)):
        record = workflow.persistence.metadata(IOFile(str(made)))
        if record and record.get("rule") and not record.get("incomplete"):
            return Made(record["rule"], f"{record['starttime']} {record['endtime']}", tuple(record["input"] or ()))
    return None


def tell_manifest():
    """Write the checksums of what was made; a run that cannot do so is not lost."""
    if RESULTS.is_dir():
        try:
            workflow.persistence._clear_cache()  # it remembers what was not yet made
            folders = folders_of(ROOT, STUDY.folder, CONFIG["data"], RESULTS)
            memory = Path(".snakemake") / f"manifest-{STUDY.label}.json"
            write_manifest(RESULTS, record_of, lambda source: place_of(source, folders), memory)
            OPEN.unlink(missing_ok=True)
        except (OSError, InputError) as error:
            logger.error(f"ERROR: {RESULTS}/manifest.tsv was not written: {error}")


def tell_manifest_of_a_killed_run():
    """Snakemake calls no handler where nothing is to be done: what a run that was killed at its very end left out comes here."""
    ran = workflow.scheduler is not None and not workflow.dryrun
    if ran and (OPEN.exists() or not (RESULTS / NAME).exists()):
        tell_manifest()


if workflow.exec_mode.name == "DEFAULT":
    atexit.register(tell_manifest_of_a_killed_run)
