# The manifest of checksums: written when a run ends, well or not. Functions only.

from snakemake.io import IOFile

from vhi.manifest import Made, write_manifest

RESULTS = Path("results") / STUDY.label


def record_of(path):
    """What Snakemake recorded of an output: its rule, when it was made, and from what."""
    record = workflow.persistence.metadata(IOFile(str(path)))
    if not record or record.get("incomplete") or not record.get("rule"):
        return None
    return Made(record["rule"], f"{record['starttime']} {record['endtime']}", tuple(record["input"] or ()))


def place_of(source):
    """Role and name of an input in the manifest: neither carries where this checkout or the data lie."""
    path = Path(os.path.abspath(source))
    if path.is_relative_to(RESULTS.resolve()):
        return None
    for role, folder in (("code", SCRIPTS), ("study", Path(STUDY.folder)), ("input", Path(CONFIG["data"]))):
        if path.is_relative_to(folder.resolve()):
            return role, path.relative_to(folder.resolve()).as_posix()
    return "input", in_data(source)


def tell_manifest():
    """Write the checksums of what was made; a run that cannot do so is not lost."""
    if RESULTS.is_dir():
        try:
            write_manifest(RESULTS, record_of, place_of, Path(".snakemake") / f"manifest-{STUDY.label}.json")
        except (OSError, InputError) as error:
            logger.error(f"ERROR: {RESULTS}/manifest.tsv was not written: {error}")
