# What a study stands on: every file that came from outside, and all code. Functions only.

from vhi.study.load import TABLES, averaging_settled, read_config, read_schema, with_defaults


@cache  # input and params ask for it
def outside_files():
    """Role, name and path of each file that is handed in: scans, masks, weights, config and tables."""
    found = {}
    for table, rows in STUDY.tables.items() if not CONFIG["simulation"] else []:
        columns = [column for column, rule in read_schema(ROOT, table)["properties"].items() if rule.get("x-file")]
        handed_in = [row[column] for row in rows for column in columns if row[column]]
        found.update({path: ("input", in_data(path)) for path in handed_in})
    if not is_trained():
        named = STUDY.ensemble and f"ensemble {CONFIG['ensemble']['source']}"
        found.update(
            {
                str(path): ("weights", named and f"{named}/{Path(path).name}" or in_data(path))
                for path in ensemble_members()
            }
        )
    names = [f"{table}.tsv" for table in TABLES] + ["config.yaml", f"variants/{STUDY.variant}.yaml", "ensembles.yaml"]
    for name in names:
        if (Path(STUDY.folder) / name).is_file():
            found[f"{STUDY.folder}/{name}"] = ("study", name)
    return [(*placed, path) for path, placed in found.items()]


@cache
def code_files():
    """All code: the Snakefile, rules, scripts, environments."""
    patterns = ("Snakefile", "rules/**/*.smk", "workflow_scripts/**/*.py", "envs/*.yaml", "config/schemas/*.yaml")
    return [
        ("code", path.relative_to(ROOT).as_posix(), str(path)) for one in patterns for path in sorted(ROOT.glob(one))
    ]


def config_as_written():
    """The config with its defaults, paths as they stand there; without the data folder, which says nothing of a result."""
    written = read_config(Path(STUDY.folder), STUDY.variant, read_schema(ROOT, "config"))
    return {key: value for key, value in sorted(written.items()) if key != "data"}


def targets_of_provenance():
    return ["<results>/9_provenance/sheet.html"]
