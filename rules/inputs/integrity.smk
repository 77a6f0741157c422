# The manifest of checksums: written when a run ends, well or not. Functions only.

from snakemake.io import IOFile

from vhi.manifest import Made, folders_of, place_of, write_manifest

RESULTS = Path("results") / STUDY.label


def record_of(path):
    """What Snakemake recorded of an output: its rule, when it was made, and from what."""
    record = workflow.persistence.metadata(IOFile(str(path)))
    if not record or record.get("incomplete") or not record.get("rule"):
        return None
    return Made(record["rule"], f"{record['starttime']} {record['endtime']}", tuple(record["input"] or ()))


def tell_manifest():
    """Write the checksums of what was made; a run that cannot do so is not lost."""
    if RESULTS.is_dir():
        try:
            workflow.persistence._clear_cache()  # it remembers what was not yet made
            folders = folders_of(ROOT, STUDY.folder, CONFIG["data"], RESULTS)
            memory = Path(".snakemake") / f"manifest-{STUDY.label}.json"
            write_manifest(RESULTS, record_of, lambda source: place_of(source, folders), memory)
        except (OSError, InputError) as error:
            logger.error(f"ERROR: {RESULTS}/manifest.tsv was not written: {error}")
