"""Train nnU-Net v2 for given processor minutes; run by the Python of an environment that has nnU-Net (see nnunet.py).

    python3 -m venv RIVAL && RIVAL/bin/pip install nnunetv2==2.8.1
    RIVAL/bin/python benchmarks/nnunet_rival.py FOLDER plan
    RIVAL/bin/python benchmarks/nnunet_rival.py FOLDER train FOLD MINUTES [BATCH]

nnU-Net's 2D configuration with its own plan, network, loss, augmentation, optimiser and mirrored prediction. What differs from its
defaults, so that it loses nothing by a short training on a processor: the rate falls over the given minutes, not over 1,000 epochs;
no minute is spent on validation; convolutions compute in bf16, as this project's do; BATCH sets the slices of a step, where the plan's
own batch leaves too few steps.
"""

import argparse
import importlib
import json
import os
import time
from pathlib import Path

PLACES = {"nnUNet_raw": "raw", "nnUNet_preprocessed": "preprocessed", "nnUNet_results": "results"}
DATASET, NUMBER, CONFIGURATION = "Dataset501_DiseaseRegion", 501, "2d"


def plan(folder: Path) -> None:
    """Let nnU-Net look at the scans, make its plan and preprocess; then give it our folds."""
    from nnunetv2.experiment_planning import plan_and_preprocess_api as api

    api.extract_fingerprints([NUMBER], num_processes=1)
    api.plan_experiments([NUMBER])
    api.preprocess([NUMBER], configurations=(CONFIGURATION,), num_processes=(1,))
    (folder / "preprocessed" / DATASET / "splits_final.json").write_text((folder / "splits.json").read_text())


def train(folder: Path, fold: int, minutes: float, batch: int | None) -> None:
    """Train on one thread until the minutes are spent, then predict the scans of the fold that were not seen."""
    import torch
    from nnunetv2.inference import predict_from_raw_data as inference

    training = importlib.import_module("nnunetv2.training.nnUNetTrainer.nnUNetTrainer")
    torch.set_num_threads(1)
    torch.manual_seed(fold)
    for module in (training, inference):  # what both compute in on a processor
        module.dummy_context = lambda: torch.autocast("cpu", torch.bfloat16)
    preprocessed = folder / "preprocessed" / DATASET
    plans = json.loads((preprocessed / "nnUNetPlans.json").read_text())
    batch = batch or plans["configurations"][CONFIGURATION]["batch_size"]
    plans["configurations"][CONFIGURATION]["batch_size"] = batch
    dataset = json.loads((preprocessed / "dataset.json").read_text())
    trainer = training.nnUNetTrainer(
        plans | {"continue_training": False}, CONFIGURATION, fold - 1, dataset, torch.device("cpu")
    )
    trainer.on_train_start()
    trainer.network.to(memory_format=torch.channels_last)
    started, steps, spent = time.process_time(), 0, 0.0
    while spent < minutes:
        for group in trainer.optimizer.param_groups:
            group["lr"] = trainer.initial_lr * (1 - spent / minutes) ** 0.9
        loss = trainer.train_step(next(trainer.dataloader_train))["loss"]
        steps, spent = steps + 1, (time.process_time() - started) / 60
        if steps % 10 == 1:
            print(f"fold {fold}: {spent:.1f} of {minutes:g} minutes, step {steps}, loss {loss:.3f}", flush=True)
    trainer.set_deep_supervision_enabled(False)

    here = folder / "trained" / f"nnunet-{minutes:g}-batch-{batch}" / f"fold-{fold}"
    here.mkdir(parents=True, exist_ok=True)
    predictor = inference.nnUNetPredictor(
        use_mirroring=True, perform_everything_on_device=False, device=torch.device("cpu")
    )
    weights = [trainer.network.state_dict()]
    predictor.manual_initialization(
        trainer.network, trainer.plans_manager, trainer.configuration_manager, weights, dataset,
        "nnUNetTrainer", trainer.inference_allowed_mirroring_axes,
    )  # fmt: skip
    unseen = json.loads((folder / "splits.json").read_text())[fold - 1]["val"]
    images = [[str(folder / "raw" / DATASET / "imagesTr" / f"{scan}_0000.nii.gz")] for scan in unseen]
    predictor.predict_from_files_sequential(images, [str(here / scan) for scan in unseen])
    for left in ("dataset.json", "plans.json", "predict_from_raw_data_args.json"):
        (here / left).unlink(missing_ok=True)
    (here / "spent.json").write_text(json.dumps({"minutes": spent, "steps": steps}))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("task", choices=["plan", "train"])
    parser.add_argument("fold", type=int, nargs="?", choices=(1, 2))
    parser.add_argument("minutes", type=float, nargs="?")
    parser.add_argument("batch", type=int, nargs="?")
    asked = parser.parse_args()
    os.environ |= {variable: str((asked.folder / place).resolve()) for variable, place in PLACES.items()}
    os.environ |= {
        "nnUNet_n_proc_DA": str(int(asked.task == "plan")),
        "OMP_NUM_THREADS": "1",
        "nnUNet_compile": "false",
    }
    for place in PLACES.values():
        (asked.folder / place).mkdir(exist_ok=True)
    if asked.task == "plan":
        plan(asked.folder)
    else:
        train(asked.folder, asked.fold, asked.minutes, asked.batch)
