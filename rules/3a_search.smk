# (iii) U-Net training: folds and search by cross-validation (paper, 2.5.3).
#
#   in   T1w scans and manual disease regions of the training scans
#   out  3a_unet_training/folds.tsv                              which subject is validated in which fold
#        3a_unet_training/{setting}/fold-{fold}/seed-{seed}/     weights, progress and Dice per validation slice
#        3a_unet_training/cross_validation.tsv, selected.json    every setting with its spread, and the selected one


rule folds:
    input:
        code("3a_folds.py"),
    output:
        "<results>/3a_unet_training/folds.tsv",
    log:
        "<logs>/3a_folds.log",
    conda:
        "../envs/imaging.yaml"
    params:
        subjects=PLAN.annotated_subjects("train"),
        folds=PLAN.training["folds"],
        seed=PLAN.training["seed"],
    message:
        "(iii) Folds of the cross-validation"
    script:
        "../workflow_scripts/3a_folds.py"


rule train_fold:
    input:
        code("3a_train_fold.py"),
        folds="<results>/3a_unet_training/folds.tsv",
        scans=PLAN.annotated_files("train"),
    output:
        weights=expand(
            "<results>/3a_unet_training/{{setting}}/fold-{{fold}}/seed-{{seed}}/steps-{steps}.safetensors",
            steps=PLAN.lengths,
        ),
        weak=expand(
            "<results>/3a_unet_training/{{setting}}/fold-{{fold}}/seed-{{seed}}/weak-{steps}.safetensors",
            steps=PLAN.weak_lengths,
        ),
        progress="<results>/3a_unet_training/{setting}/fold-{fold}/seed-{seed}/progress.tsv",
        validation="<results>/3a_unet_training/{setting}/fold-{fold}/seed-{seed}/validation_dice.tsv",
    log:
        "<logs>/3a_train_fold/{setting}_{fold}_{seed}.log",
    conda:
        "../envs/unet.yaml"
    threads: PLAN.training["threads"]
    resources:
        mem_mb=3000,
    params:
        **PLAN.averaging,
        slice_axis=CONFIG["orientation"]["slice_axis"],
        scans=PLAN.scan_rows(PLAN.annotated("train"), "subject"),
        lengths=PLAN.lengths,
        weak=PLAN.weak_lengths,
        threads=PLAN.training["threads"],
        abnormal_marrow=PLAN.training["abnormal_marrow"],
    message:
        "(iii) Train {wildcards.setting} for fold {wildcards.fold}"
    script:
        "../workflow_scripts/3a_train_fold.py"


rule cross_validation:
    input:
        code("3a_cross_validation.py"),
        validation=expand("{training}/validation_dice.tsv", training=PLAN.fold_trainings),
    output:
        shown("3a_unet_training/cross_validation.tsv", "Cross-validation of the settings"),
    log:
        "<logs>/3a_cross_validation.log",
    conda:
        "../envs/imaging.yaml"
    params:
        protocol=PLAN.training["protocol"],
        truncated=PLAN.training["steps"],
    message:
        "(iii) Settings compared by cross-validation"
    script:
        "../workflow_scripts/3a_cross_validation.py"


rule select_setting:
    input:
        code("3a_select_setting.py"),
        table="<results>/3a_unet_training/cross_validation.tsv" if PLAN.training["protocol"] == "paper" else [],
    output:
        "<results>/3a_unet_training/selected.json",
    log:
        "<logs>/3a_select_setting.log",
    conda:
        "../envs/imaging.yaml"
    params:
        protocol=PLAN.training["protocol"],
        steps=PLAN.lengths[-1],
    message:
        "(iii) Setting that is trained for use"
    script:
        "../workflow_scripts/3a_select_setting.py"
