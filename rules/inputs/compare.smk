# Two variants of a study side by side: what each of them has left under results/.

from vhi.study.load import label, read_config, read_schema

BASE = "base"  # what the study without a variant is called


def refuse(message):
    """End with one line: an exception would add where in this file it was raised, which helps nobody."""
    logger.error(f"ERROR: {message}")
    sys.exit(1)


def variant_results(name):
    return Path("results") / label(STUDY.folder, "" if name == BASE else name)


def variant_config(name):
    """Config of a variant as it stands now, with defaults."""
    try:
        return read_config(Path(STUDY.folder), "" if name == BASE else name, read_schema(ROOT, "config"))
    except InputError as error:
        refuse(error)


def variant_files(name):
    """Results of a variant that are there; an error where it has not been run."""
    variant_config(name)  # that there is such a variant comes first
    folder = variant_results(name)
    found = sorted(map(str, folder.glob("5_small_regions/*.nii.gz")))
    if not found:
        setting = "" if name == BASE else f" VARIANT={name}"
        refuse(
            f"'{name}' of study {STUDY.name} is not run: {folder}/5_small_regions has no segmentation; "
            f"make run STUDY={STUDY.name}{setting}"
        )
    found += sorted(map(str, folder.glob("2_threshold/*.json")))
    tables = ("6_cleaning/measurements.tsv", "7_1_overlap/dice.tsv")
    return found + [str(folder / table) for table in tables if (folder / table).is_file()]
