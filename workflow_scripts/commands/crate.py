"""Pack a finished study as an RO-Crate: results, what made them, and from what, each with its checksum (make crate).

Images stay out unless asked for, and the tables of patients always: they are described by name and checksum, as are all
inputs. The crate follows the profile of a workflow run (https://w3id.org/ro/wfrun/workflow).
"""

import shutil
import tempfile
from pathlib import Path

from rocrate.model import ContextEntity
from rocrate.rocrate import ROCrate

from commands import ROOT, call, finished, parser_of, study_of
from vhi.io.errors import InputError
from vhi.io.files import replacing
from vhi.io.manifest import NAME, differences
from vhi.io.tables import read_rows
from vhi.study.load import Study, own_version

PROFILES = [f"https://w3id.org/ro/wfrun/{name}/0.5" for name in ("process", "workflow")]
IMAGES = (".nii", ".nii.gz", ".dcm")
KINDS = {
    ".tsv": "text/tab-separated-values", ".json": "application/json", ".html": "text/html", ".png": "image/png", ".txt": "text/plain",
    ".svg": "image/svg+xml", ".gz": "application/gzip", ".safetensors": "application/octet-stream", ".dcm": "application/dicom",
}  # fmt: skip
OF_PATIENTS = ("subjects.tsv", "clinical.tsv")


def pack(study: Study, results: Path, images: bool) -> tuple[Path, int, int]:
    """Write ``crate.zip`` beside the results.

    Returns
    -------
    path : Path
    packed, described : int
        Files that are in it, and files that it names by checksum alone.

    Raises
    ------
    InputError
        If there is no manifest, or an output is not as it was made: such results are not packed.
    """
    rows, folders = finished(study, results)
    if wrong := differences([row for row in rows if row["role"] == "output"], folders):
        kind, path, what = wrong[0]
        raise InputError(
            f"{path}: {kind}, {what} ({len(wrong)} such files); make verify tells all, make run makes them again"
        )
    crate = ROCrate()
    crate.name = f"{study.config['title']}: results"
    crate.description = (
        "Volume of hyperintense inflammation (V_HI), measured after Hepburn et al., PLoS ONE 2023, 18(4): e0284508"
    )
    crate.license = "https://opensource.org/licenses/MIT"
    about = {"name": "V_HI workflow", "version": own_version(ROOT)}
    snakefile = (ROOT / "Snakefile", "workflow/Snakefile")
    workflow = crate.add_workflow(*snakefile, main=True, lang="snakemake", properties=about)
    patterns = ("rules/**/*.smk", "workflow_scripts/**/*.py", "envs/*.yaml")
    for path in sorted(path for pattern in patterns for path in ROOT.glob(pattern)):
        crate.add_file(path, f"workflow/{path.relative_to(ROOT).as_posix()}")
    own = [path for path in sorted(Path(study.folder).glob("*.tsv")) if path.name not in OF_PATIENTS]
    for path in [*own, Path(study.folder) / "config.yaml"]:
        crate.add_file(path, f"study/{path.name}", properties={"name": f"{path.name} of the study"})
    crate.add_file(results / NAME, f"results/{NAME}", properties={"name": "Checksums of all outputs and inputs"})
    made, used, packed, described = [], [], 0, 0
    for row in rows:
        path = folders[row["role"]] / row["path"]
        facts = {"name": row["path"], "sha256": row["sha256"], "contentSize": row["bytes"]}
        facts["encodingFormat"] = KINDS.get(path.suffix, "application/octet-stream")
        if row["role"] == "output" and (images or not path.name.endswith(IMAGES)):
            facts["description"] = f"Made by rule {row['rule']}"
            made.append(crate.add_file(path, f"results/{row['path']}", properties=facts))
            packed += 1
        elif row["role"] != "code":
            entity = ContextEntity(crate, f"#sha256-{row['role']}-{row['path']}", {"@type": "CreativeWork", **facts})
            (made if row["role"] == "output" else used).append(crate.add(entity))
            described += 1
    facts = {"name": f"Run of study {study.label}", "actionStatus": "http://schema.org/CompletedActionStatus"}
    run = crate.add(ContextEntity(crate, "#run", {"@type": "CreateAction", **facts}))
    run["instrument"], run["object"], run["result"] = workflow, used, made
    _add_packages(crate, run, results / "provenance" / "versions.tsv")
    crate.root_dataset.append_to("mentions", run)
    for profile in PROFILES:
        entity = ContextEntity(crate, profile, {"@type": "CreativeWork", "name": "Workflow Run RO-Crate profile"})
        crate.root_dataset.append_to("conformsTo", crate.add(entity))
    target = results / "crate.zip"
    with tempfile.TemporaryDirectory(dir=results, prefix=".crate-") as folder:
        zipped = crate.write_zip(Path(folder) / "crate.zip")
        with replacing(target) as beside:
            shutil.move(zipped, beside)
    return target, packed, described


def _add_packages(crate: ROCrate, run: ContextEntity, versions: Path) -> None:
    """The software of the run, as the methods sheet lists it."""
    for row in read_rows(versions):
        version = row["installed"] or row["pinned"]
        facts = {"@type": "SoftwareApplication", "name": row["package"], "softwareVersion": version}
        run.append_to("softwareRequirements", crate.add(ContextEntity(crate, f"#package-{row['package']}", facts)))


def main(given: list[str] | None = None) -> None:
    """Read the command line, pack, say where."""
    parser = parser_of("crate", __doc__)
    parser.add_argument("--images", action="store_true", help="pack segmentations too")
    path, packed, described = call(lambda options: pack(*study_of(options), options.images), parser, given)
    print(f"{path}: {packed} results packed, {described} further files described by checksum")


if __name__ == "__main__":
    main()
