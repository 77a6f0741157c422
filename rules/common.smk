# The study: its validated config and tables, wildcard constraints, and the functions that choose inputs. No rules.

import atexit
import gc
import logging
import os
import re
import sys
from functools import cache
from pathlib import Path

from snakemake.exceptions import WorkflowError
from snakemake.logging import logger
from snakemake.settings.enums import Quietness

ROOT = Path(os.path.relpath(workflow.basedir))
SCRIPTS = ROOT / "workflow_scripts"
sys.path.insert(0, str(SCRIPTS))

from vhi.io.errors import InputError
from vhi.io.code import code_of
from vhi.io.progress import Terminal, open_readings_text, preliminary_text
from vhi.region.protocols import averaging_in_words, is_published_protocol
from vhi.study.load import TEST_LOG, load_study

gc.set_threshold(1_000_000, 50, 50)  # jobs are many and live to the end: looking for dead ones took a fifth of a plan
CHOICES = {"study": "paper", "variant": "", "data": ""}
FURTHER_CHOICES = {"scans_per_job", "reader"}


def refuse(text):
    """End with one line for a mistake of the user's; an exception would add where in these files it was raised, which helps nobody."""
    logger.error(f"ERROR: {text}")
    sys.exit(1)


def chosen_study():
    """The study that the command line names; every other key of a study is set in its config or a variant."""
    unknown = set(config) - CHOICES.keys() - FURTHER_CHOICES
    if unknown:
        refuse(
            f"--config {sorted(unknown)[0]}=...: unknown; allowed are study, data and variant, reader and scans_per_job. To change a key "
            "of the study, write config/<study>/variants/NAME.yaml and add variant=NAME"
        )
    try:
        return load_study(ROOT, *(str(config.get(key) or default) for key, default in CHOICES.items()))
    except InputError as error:
        refuse(error)


STUDY = chosen_study()
CONFIG = STUDY.config
config["title"] = CONFIG["title"]  # for the report's first page, which sees nothing else
LIMIT_RULE = {key: CONFIG["limits"][key] for key in ("n_start", "n_step", "iqr_share")}
SCANS = {row["scan"]: row for row in STUDY.tables["scans"]}
READINGS = {(row["scan"], row["reader"], str(row["trial"]), row["method"]): row for row in STUDY.tables["readings"]}


def scan_names():
    """What may stand for {scan}: the names themselves, or their shapes where they are so many that each path would take long."""
    # Snakemake parses this anew for each file; 2,000 names took a fifth of a plan. s0001_pre has the shape s[0-9]+_pre.
    return "|".join(SCANS if len(SCANS) <= 100 else dict.fromkeys(re.sub("[0-9]+", "[0-9]+", scan) for scan in SCANS))


def proposed_patch(scan):
    """Where the patch of normal marrow that networks propose lies; a literal path, since it stands in for a table's."""
    return f"results/{STUDY.label}/1_normal_bone/proposed/{scan}.nii.gz"


if CONFIG["normal_bone"]["source"] == "proposed_where_absent":
    for row in SCANS.values():
        if row["stir"] and not row["normal_bone"]:
            row["normal_bone"] = proposed_patch(row["scan"])


pathvars:
    results=f"results/{STUDY.label}",
    logs=f"results/{STUDY.label}/logs",


wildcard_constraints:
    scan=scan_names(),
    setting=r"fast|thorough|levels-\d+_kernel-\d+",
    fold=r"\d+",
    part="train|all",
    run=r"\d+",
    seed=r"\d+",
    reader="|".join(CONFIG["readers"] or ["-"]),
    trial=r"\d+",


def code(script):
    """The modules of the project that a script imports: an edit to one of them reruns the rule."""
    return [str(path) for path in code_of(SCRIPTS / script)]


def of_scan(column):
    """Input function: the file that scans.tsv names in a column for the wildcard's scan."""

    def find(wildcards):
        path = SCANS[wildcards.scan][column]
        if path is None:
            raise WorkflowError(f"scan {wildcards.scan}: {STUDY.folder}/scans.tsv names no {column}, or it is absent")
        return path

    return find


# The simulated study.


def simulated_subject(scan):
    """Name, marrow and session of a simulated scan's subject."""
    marrow = {row["subject"]: row["marrow"] for row in STUDY.tables["design"]}
    return {"name": SCANS[scan]["subject"], "marrow": marrow[SCANS[scan]["subject"]], "session": SCANS[scan]["session"]}


# Which scans can go how far.


def scans_with(*columns):
    return [scan for scan, row in SCANS.items() if all(row[column] is not None for column in columns)]


def has_region(scan):
    return chosen_region(scan)[0] != "ensemble" or bool(ensemble_members())


@cache  # asked for once per reading
def measurable():
    """Scans that reach a preliminary segmentation, as the keys of a dict: in order, and found at once."""
    return dict.fromkeys(scan for scan in scans_with("stir", "normal_bone") if has_region(scan))


def segmentable():
    """Scans whose disease region the ensemble can find."""
    return list(SCANS) if ensemble_members() else []


# The networks: taken from files, or trained on the study's own scans.

TRAINING = CONFIG["training"]
SELECTED = "<results>/3a_unet_training/selected"
ROLES = {"train": ("train",), "all": ("train", "test")}  # whose scans a part of the training sees


def is_trained():
    return CONFIG["ensemble"]["source"] == "trained"


def averaged_views():
    """What `vhi.region.ensemble.predict` averages beside the members."""
    return {"flip": CONFIG["ensemble"]["mirrored"], "scales": CONFIG["ensemble"]["scales"]}


def rounding():
    """How `vhi.region.ensemble.rounded` makes a region of the average."""
    return {name: CONFIG["ensemble"][name] for name in ("smallest_part", "smoothing")}


def ensemble_members():
    """Weights that segment the study's scans: trained ones have seen every annotated scan."""
    if STUDY.ensemble:
        return [f"data/ensembles/{CONFIG['ensemble']['source']}/{member['file']}" for member in STUDY.ensemble]
    return trained_members("all") if is_trained() else CONFIG["ensemble"]["members"]


def trained_members(part):
    """Weights of an ensemble trained on the training scans (`train`), or on those and the test scans (`all`)."""
    seeds = enumerate(range(TRAINING["seed"] + 1, TRAINING["seed"] + TRAINING["members"] + 1), 1)
    return [f"{SELECTED}/{part}/run-{run}_seed-{seed}/weights.safetensors" for run, seed in seeds]


def training_settings():
    """Settings that cross-validation compares: the grid of the paper's protocol, or the one recipe of another."""
    if TRAINING["protocol"] != "paper":
        return [TRAINING["protocol"]]
    return [f"levels-{levels}_kernel-{kernel}" for levels in TRAINING["levels"] for kernel in TRAINING["kernels"]]


def training_lengths():
    """Steps at which a training of the cross-validation is judged: one run serves all lengths."""
    if TRAINING["steps"] is not None:
        return [TRAINING["steps"]]
    return ["full"] if TRAINING["protocol"] != "paper" else [350 * epochs for epochs in TRAINING["epochs"]]


def whole_protocol(name):
    """A result of the paper's protocol, where it is trained here with nothing changed; an empty list otherwise."""
    whole = is_trained() and is_published_protocol(TRAINING, CONFIG["ensemble"])
    return f"<results>/3a_unet_training/{name}" if whole else []


def annotated(*roles):
    """Scans with a manual disease region, of the given roles."""
    return [scan for scan, row in SCANS.items() if row["role"] in roles and row["disease_region"]]


def annotated_files(*roles):
    """T1w scans and manual disease regions of annotated scans, in turn."""
    return [SCANS[scan][column] for scan in annotated(*roles) for column in ("t1w", "disease_region")]


def fold_trainings():
    """Folder of every training of the cross-validation."""
    folds = TRAINING["tried_folds"] or range(1, TRAINING["folds"] + 1)
    if max(folds) > TRAINING["folds"]:
        refuse(
            f"training.tried_folds: expected folds from 1 to {TRAINING['folds']} (training.folds), found {max(folds)}"
        )
    return expand(
        "<results>/3a_unet_training/{setting}/fold-{fold}/seed-{seed}",
        setting=training_settings(),
        fold=folds,
        seed=TRAINING["seed"],
    )


def test_log():
    """Where evaluations on test scans are logged: with the study, or with the scans where a simulation makes them."""
    return f"{CONFIG['data'] if CONFIG['simulation'] else STUDY.folder}/{TEST_LOG}"


def logged_evaluation():
    """What the log says of every evaluation on test scans in these results."""
    averaged = averaging_in_words(CONFIG["ensemble"])
    return {"results": STUDY.label, "protocol": TRAINING["protocol"], "averaged": averaged}


def left_out_trainings():
    """Folder of every training that leaves one annotated subject out."""
    subjects = sorted({SCANS[scan]["subject"] for scan in annotated("train", "test")})
    return expand(
        "<results>/3a_unet_training/leave_one_out/{subject}/seed-{seed}", subject=subjects, seed=TRAINING["seed"]
    )


def targets_of_leave_one_out():
    """The table over all annotated subjects, of a study that trains."""
    targets_of_training()  # raises where the networks come from files
    if len(left_out_trainings()) < 2:
        raise WorkflowError(
            f"leave_one_out: {STUDY.folder}/scans.tsv has annotated scans (T1w scan and disease region, role train or test) "
            "of one subject, and who leaves it out has none to train on; annotate a second subject"
        )
    return "<results>/3a_unet_training/leave_one_out.tsv"


def drawn_regions(scan):
    """Masks of the disease region beside the ensemble's: manual, corrected, and the authors' automatic one."""
    row = SCANS[scan]
    found = {"manual": row["disease_region"], "corrected": row["disease_region_corrected"]}
    found["published"] = STUDY.published_regions.get(scan)
    return {kind: path for kind, path in found.items() if path}


def chosen_region(scan):
    """Source and file of the region that is used: a corrected one wins, then a drawn one if so configured."""
    drawn = drawn_regions(scan)
    if "corrected" in drawn:
        return "corrected", drawn["corrected"]
    if CONFIG["disease_region"]["source"] == "manual_where_present" and "manual" in drawn:
        return "manual", drawn["manual"]
    return "ensemble", f"<results>/3b_disease_region/ensemble/{scan}.nii.gz"


def chosen_region_file(scan):
    """The file of the region as the tables name it; the ensemble's has none."""
    source, path = chosen_region(scan)
    return None if source == "ensemble" else in_data(path)


def measured_in_ensemble():
    """Scans whose preliminary voxels within the ensemble's region can be counted."""
    found = dict.fromkeys(segmentable())
    return [scan for scan in scans_with("stir", "normal_bone") if scan in found]


def segmentable_rows():
    """What the comparison of disease regions needs to know of each scan."""
    return [row | {"drawn": drawn_regions(row["scan"])} for row in scan_rows(segmentable(), "stir", "normal_bone")]


def test_scans():
    """Scans on which networks are tested: role `test`, with a manual region."""
    return annotated("test") if segmentable() else []


# Which readings are handed in.


def is_open(row):
    return row["method"] == "semiautomatic" and row["mask"] is None and row["vhi_voxels"] is None


def open_readings():
    return [key for key, row in READINGS.items() if is_open(row)]


def is_cleaned(row):
    return row["method"] == "semiautomatic" and row["mask"] is not None and row["scan"] in measurable()


def cleaned_readings():
    """Semi-automatic readings with a mask: (scan, reader, trial)."""
    return [key[:3] for key, row in READINGS.items() if is_cleaned(row)]


def cleaned_file(scan, reader, trial, ending=".nii.gz"):
    """What the cleaning of a reading leaves: the mask that was taken in, or its record (`_record.json`)."""
    return f"<results>/6_cleaning/{reader}/{trial}/{scan}{ending}"


def cleaned_files(ending):
    """The same of all cleaned readings."""
    return [cleaned_file(*key, ending) for key in cleaned_readings()]


def cleaned_mask(scan, reader, trial):
    """The mask that a reader handed in."""
    return READINGS[scan, reader, trial, "semiautomatic"]["mask"]


def mask_of_reading(row):
    """The mask that is measured: a manual one as drawn, a cleaned one as taken in; None where there is none."""
    if row["method"] == "manual":
        return row["mask"]
    return cleaned_file(row["scan"], row["reader"], row["trial"]) if is_cleaned(row) else None


def reading_masks():
    """Every mask that is measured."""
    masks = [mask_of_reading(row) for row in READINGS.values()]
    return [mask for mask in masks if mask is not None]


def read_scans():
    """Scans with a reading and a preliminary segmentation to set it beside."""
    read = {row["scan"] for row in reading_rows()}
    return [scan for scan in measurable() if scan in read]


def calibrated_scans():
    """Scans whose disease region is drawn: real and simulated ones are measured alike."""
    return [scan for scan in measurable() if SCANS[scan]["disease_region"]]


def test_dice_table():
    """Dice per test slice, by whichever networks the study has; an empty list without test scans."""
    name = "trained_test_dice" if is_trained() else "test_dice"
    return f"<results>/3a_unet_training/{name}.tsv" if test_scans() else []


def all_read():
    """Whether there are readings and none is open, so that they can be compared."""
    return bool(READINGS) and not open_readings()


def claims_rows():
    """What the claims need to know of each scan."""
    return [
        {column: row[column] for column in ("scan", "subject", "role")}
        | {"annotated": row["disease_region"] is not None, "has_stir": row["stir"] is not None}
        for row in SCANS.values()
    ]


def published_file(name):
    """A file of the paper's published tables, where the study has them; an empty list otherwise."""
    path = Path(CONFIG["published"] or "-") / name
    return str(path) if path.is_file() else []


def has_learning_curves():
    """Whether the published losses and Dice scores of all four folds are there."""
    names = [f"model_training/{what}_partition_{fold}.txt" for what in ("loss", "overlap") for fold in range(1, 5)]
    return all(published_file(name) for name in names)


def reading_rows():
    """What a script needs to know of each reading that is handed in."""
    columns = ("scan", "reader", "trial", "method", "vhi_voxels")
    return [
        {column: row[column] for column in columns}
        | {column: SCANS[row["scan"]][column] for column in ("subject", "session", "stir")}
        | {"has_mask": mask_of_reading(row) is not None}
        for row in READINGS.values()
        if not is_open(row) and (row["method"] == "semiautomatic" or row["mask"] is not None)
    ]


def scan_rows(scans, *columns):
    """Rows of scans.tsv for a script, with the given columns."""
    return [{column: SCANS[scan][column] for column in ("scan", *columns)} for scan in scans]


def in_data(path):
    """A path as the tables name it: relative to the data folder, so that a result does not carry where that lies."""
    return os.path.relpath(path, CONFIG["data"]) if path else None


# Targets.


def preliminary_segmentations():
    scans = measurable()
    return (
        expand("<results>/5_small_regions/{scan}.nii.gz", scan=scans)
        + expand("<results>/5_small_regions/{scan}_stability.tsv", scan=scans)
        + expand("<results>/3b_disease_region/{scan}.nii.gz", scan=[scan for scan in SCANS if has_region(scan)])
    )


def targets_of_training():
    """Cross-validation, test and networks for use, of a study that trains."""
    if not is_trained():
        refuse(
            f"study {STUDY.label} takes its networks from files; set ensemble.source: trained (VARIANT=train-fast, "
            "train-paper) to train"
        )
    files = ["cross_validation.tsv", "figure_s1.png"] + (["trained_test_dice.tsv"] if test_scans() else [])
    return [f"<results>/3a_unet_training/{name}" for name in files] + ensemble_members()


def check_data_folder():
    if not (Path(CONFIG["data"]).is_dir() or CONFIG["simulation"]):
        refuse(
            f"the data folder '{CONFIG['data']}' of study {STUDY.name} does not exist: pass data=DIR (make ... DATA=DIR)"
            + (", or download it (make download)" if CONFIG["download"] else "")
        )


def check_readings_can_be_made():
    """A cleaned or open reading needs a preliminary segmentation, and that needs a disease region."""
    for (scan, reader, _, method), row in READINGS.items():
        if method == "semiautomatic" and row["vhi_voxels"] is None and scan not in measurable():
            refuse(
                f"{STUDY.folder}/readings.tsv, row {row.line}: the reading of scan {scan} by {reader} needs a disease region: "
                "name a mask in scans.tsv, or networks in the config (ensemble.members, or ensemble.source: trained)"
            )


def targets_of_all():
    """What the study's tables allow; measurements and statistics wait until no reading is open."""
    check_data_folder()
    check_readings_can_be_made()
    targets = preliminary_segmentations()
    targets += cleaned_files(".nii.gz")
    if segmentable():
        targets.append("<results>/3b_disease_region/ensemble.tsv")
    targets += targets_of_cohort() + targets_of_provenance()
    targets += targets_of_quality() + targets_of_normal_bone()
    if test_scans():
        targets.append(test_dice_table())
    if has_learning_curves() and not is_trained():
        targets.append("<results>/3a_unet_training/figure_s1.png")
    if all_read():
        targets.append("<results>/6_cleaning/measurements.tsv")
        targets += ["<results>/7_1_overlap/figure_4.png", "<results>/7_1_overlap/figure_5.png"]
    targets += targets_of_statistics() + targets_of_reading_room()
    targets += targets_of_response()
    if is_trained():
        targets += targets_of_training()
    if CONFIG["simulation"]:
        targets += [f"<results>/0_scans/{name}.tsv" for name in ("clinical", "scores", "sparcc_sheets")]
        targets += ["<results>/7_5_truth/accuracy.tsv", "<results>/7_5_truth/figure_accuracy.png"]
        targets += ["<results>/7_5_truth/calibration.tsv"]
    if STUDY.tables["claims"]:
        targets.append("<results>/claims.tsv")
    return targets


# What the user is told.


def tell_what_is_absent():
    if STUDY.absent and Path(CONFIG["data"]).is_dir():
        logger.info(
            f"{len(STUDY.absent)} files of study {STUDY.name} are not in {CONFIG['data']}; what needs them is left out:\n  "
            + "\n  ".join(STUDY.absent)
        )


def called():
    """The study as make calls it: by name where it is under config/, by its folder elsewhere."""
    return STUDY.name if Path(STUDY.folder).parent == ROOT / "config" else STUDY.folder


def asked_for(target):
    return target in workflow.dag_settings.targets


def tell_what_is_next():
    """What was made, and the step that follows what was asked for."""
    TOLD.append(True)
    if asked_for("preliminary"):
        logger.info("\n".join(tell_what_is_preliminary()))
    elif asked_for("packs"):
        logger.info(
            f"Packs: results/{STUDY.label}/6b_reading_room/packs, a folder per reader. Give each reader their own folder, or serve it: "
            f"make read STUDY={called()} READER=NAME. Then make run STUDY={called()}"
        )
    else:
        tell_what_is_open()
        logger.info(
            f"Results: results/{STUDY.label}. make report STUDY={called()} shows them in report.html, with what is missing."
        )


def tell_what_is_preliminary():
    """How many preliminary segmentations there are, why others are missing, and what to do next."""
    reasons = {scan: lacks_for_preliminary(scan) for scan in SCANS}
    lines = preliminary_text(reasons)
    if "normal marrow missing" in reasons.values():
        lines.append(
            f"Next: draw normal marrow on each of these STIR scans, name the mask in column normal_bone of {STUDY.folder}/scans.tsv "
            f"(make index with UPDATE=yes finds it), then make preliminary STUDY={called()} (docs/own_cohort.md)"
        )
    elif None not in reasons.values():
        lines.append(f"Next: add what is missing to {STUDY.folder}/scans.tsv, then make preliminary STUDY={called()}")
    elif open_readings():
        lines.append(f"Next: make packs STUDY={called()}, what readers clean")
    else:
        lines.append(f"Next: make run STUDY={called()}")
    return lines


def lacks_for_preliminary(scan):
    """Why a scan has no preliminary segmentation; None where it has one."""
    if Path(f"results/{STUDY.label}/5_small_regions/{scan}.nii.gz").is_file():
        return None
    if SCANS[scan]["stir"] is None:
        return "STIR missing"
    if SCANS[scan]["normal_bone"] is None:
        return "normal marrow missing"
    return "failed (the message stands above)" if has_region(scan) else "disease region missing"


def tell_what_failed():
    TOLD.append(True)
    if asked_for("preliminary"):
        logger.info("\n".join(tell_what_is_preliminary()))


TOLD = []  # whether the end was told by a handler; Snakemake calls none where nothing is to be done


def tell_end_of_nothing():
    if asked_for("preliminary") and workflow.scheduler is not None and not workflow.dryrun and not TOLD:
        print(*tell_what_is_preliminary(), sep="\n", file=sys.stderr)


def tell_what_is_open():
    waiting = open_readings()
    if waiting:
        logger.info(
            f"Waiting for {len(waiting)} readings; hand in their masks in {STUDY.folder}/readings.tsv, or clean in the reading room "
            f"(make read STUDY={called()} READER={waiting[0][1]}), and run again:\n  "
            + "\n  ".join(open_readings_text(key[:3] for key in waiting))
        )


def tell_briefly():
    """Keep the terminal to what the user needs, but for a dry run and `--verbose`; the log file has it all."""
    if workflow.output_settings.verbose:
        return
    for handler in logger.handlers:
        if handler.name == "DefaultStreamHandler":
            emit = handler.emit
            told = lambda text: emit(logging.makeLogRecord({"msg": text, "levelno": logging.INFO, "levelname": "INFO"}))
            terminal = Terminal(told, (f"results/{STUDY.label}", "results", ".snakemake"))
            # Whether a run is dry is settled after these files are read.
            handler.addFilter(lambda record: workflow.dryrun or terminal.filter(record))


if workflow.exec_mode.name == "DEFAULT":
    if Quietness.RULES not in (workflow.output_settings.quiet or ()):  # make report says it once more, in its inventory
        tell_what_is_absent()
        tell_what_is_open()  # here too: Snakemake calls no handler where nothing is to be done
    tell_briefly()
    atexit.register(tell_end_of_nothing)
