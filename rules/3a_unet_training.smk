# (iii) U-Net training: folds, search by cross-validation, the ensemble for the test and the one for use (paper, 2.5.3).
#
#   in   T1w scans and manual disease regions of the annotated scans; the paper's published learning curves
#   out  all under 3a_unet_training/
#        folds.tsv                                        which subject is validated in which fold
#        {setting}/fold-{fold}/seed-{seed}/               weights, progress and Dice per validation slice
#        cross_validation.tsv, selected.json              every setting with its spread, and the one that is taken
#        selected/{part}/run-{run}_seed-{seed}/           members trained on the training scans (train), or on all
#        trained_test_dice.tsv                            the test
#        leave_one_out/{subject}/seed-{seed}/, .tsv       each subject by a network trained on all others; nothing uses it
#        published_learning_curves.tsv, figure_s1.*       learning curves, and Dice per test slice
#        test_dice.tsv                                    published weights on the test scans
#        release/*                                        weights for use, failure model, checksums, model card
#        test_log.tsv in the study's folder               every evaluation on test scans, also of networks that left one out


rule folds:
    input:
        code("3a_folds.py"),
    output:
        "<results>/3a_unet_training/folds.tsv",
    log:
        "<logs>/3a_folds.log",
    conda:
        "../envs/imaging.yaml"
    threads: 1
    resources:
        mem_mb=500,
    params:
        subjects=sorted({SCANS[scan]["subject"] for scan in annotated("train")}),
        folds=TRAINING["folds"],
        seed=TRAINING["seed"],
    message:
        "(iii) Folds of the cross-validation"
    script:
        "../workflow_scripts/3a_folds.py"


rule train_fold:
    input:
        code("3a_train_fold.py"),
        folds="<results>/3a_unet_training/folds.tsv",
        scans=annotated_files("train"),
    output:
        weights=expand(
            "<results>/3a_unet_training/{{setting}}/fold-{{fold}}/seed-{{seed}}/steps-{steps}.safetensors",
            steps=training_lengths(),
        ),
        progress="<results>/3a_unet_training/{setting}/fold-{fold}/seed-{seed}/progress.tsv",
        validation="<results>/3a_unet_training/{setting}/fold-{fold}/seed-{seed}/validation_dice.tsv",
    log:
        "<logs>/3a_train_fold/{setting}_{fold}_{seed}.log",
    conda:
        "../envs/unet.yaml"
    threads: TRAINING["threads"]
    resources:
        mem_mb=3000,
    params:
        slice_axis=CONFIG["orientation"]["slice_axis"],
        scans=scan_rows(annotated("train"), "subject"),
        lengths=training_lengths(),
        threads=TRAINING["threads"],
        abnormal_marrow=TRAINING["abnormal_marrow"],
        averaged=averaged_views(),
        rounding=rounding(),
    message:
        "(iii) Train {wildcards.setting} for fold {wildcards.fold}"
    script:
        "../workflow_scripts/3a_train_fold.py"


rule cross_validation:
    input:
        code("3a_cross_validation.py"),
        validation=expand("{training}/validation_dice.tsv", training=fold_trainings()),
    output:
        report(
            "<results>/3a_unet_training/cross_validation.tsv",
            category="3 Disease region",
            labels={"table": "Cross-validation of the settings"},
            caption="captions/cross_validation.rst",
        ),
    log:
        "<logs>/3a_cross_validation.log",
    conda:
        "../envs/imaging.yaml"
    threads: 1
    resources:
        mem_mb=500,
    params:
        protocol=TRAINING["protocol"],
        truncated=TRAINING["steps"],
    message:
        "(iii) Settings compared by cross-validation"
    script:
        "../workflow_scripts/3a_cross_validation.py"


rule select_setting:
    input:
        code("3a_select_setting.py"),
        table="<results>/3a_unet_training/cross_validation.tsv" if TRAINING["protocol"] == "paper" else [],
    output:
        "<results>/3a_unet_training/selected.json",
    log:
        "<logs>/3a_select_setting.log",
    conda:
        "../envs/imaging.yaml"
    threads: 1
    resources:
        mem_mb=500,
    params:
        protocol=TRAINING["protocol"],
        steps=training_lengths()[-1],
    message:
        "(iii) Setting that is trained for use"
    script:
        "../workflow_scripts/3a_select_setting.py"


rule train_member:
    input:
        code("3a_train_member.py"),
        selected="<results>/3a_unet_training/selected.json",
        scans=lambda wildcards: annotated_files(*ROLES[wildcards.part]),
    output:
        weights="<results>/3a_unet_training/selected/{part}/run-{run}_seed-{seed}/weights.safetensors",
        progress="<results>/3a_unet_training/selected/{part}/run-{run}_seed-{seed}/progress.tsv",
    log:
        "<logs>/3a_train_member/{part}_{run}_{seed}.log",
    conda:
        "../envs/unet.yaml"
    threads: TRAINING["threads"]
    resources:
        mem_mb=3000,
    params:
        slice_axis=CONFIG["orientation"]["slice_axis"],
        scans=lambda wildcards: annotated(*ROLES[wildcards.part]),
        threads=TRAINING["threads"],
        abnormal_marrow=TRAINING["abnormal_marrow"],
    message:
        "(iii) Train member {wildcards.run} on the scans of part '{wildcards.part}'"
    script:
        "../workflow_scripts/3a_train_member.py"


rule trained_test_dice:
    input:
        code("3a_trained_test_dice.py"),
        selected="<results>/3a_unet_training/selected.json",
        members=trained_members("train"),
        scans=annotated_files("test"),
        published=published_file("model_training/test_data_overlap.txt"),
    output:
        report(
            "<results>/3a_unet_training/trained_test_dice.tsv",
            category="3 Disease region",
            labels={"table": "Dice per test slice, trained ensemble"},
            caption="captions/trained_test_dice.rst",
        ),
    log:
        "<logs>/3a_trained_test_dice.log",
    conda:
        "../envs/unet.yaml"
    threads: CONFIG["ensemble"]["threads"]
    resources:
        mem_mb=2000,
    params:
        slice_axis=CONFIG["orientation"]["slice_axis"],
        scans=annotated("test"),
        precision=CONFIG["ensemble"]["precision"],
        threads=CONFIG["ensemble"]["threads"],
        averaged=averaged_views(),
        rounding=rounding(),
        subjects=sorted({SCANS[scan]["subject"] for scan in annotated("test")}),
        test_log=test_log(),
        logged=logged_evaluation(),
    message:
        "(iii) Dice of the trained ensemble on the test slices"
    script:
        "../workflow_scripts/3a_trained_test_dice.py"


rule train_left_out:
    input:
        code("3a_train_left_out.py"),
        selected="<results>/3a_unet_training/selected.json",
        scans=annotated_files("train", "test"),
    output:
        weights="<results>/3a_unet_training/leave_one_out/{subject}/seed-{seed}/weights.safetensors",
        progress="<results>/3a_unet_training/leave_one_out/{subject}/seed-{seed}/progress.tsv",
        dice="<results>/3a_unet_training/leave_one_out/{subject}/seed-{seed}/left_out_dice.tsv",
    log:
        "<logs>/3a_train_left_out/{subject}_{seed}.log",
    conda:
        "../envs/unet.yaml"
    threads: TRAINING["threads"]
    resources:
        mem_mb=3000,
    params:
        slice_axis=CONFIG["orientation"]["slice_axis"],
        scans=scan_rows(annotated("train", "test"), "subject", "role"),
        steps=TRAINING["leave_one_out_steps"],
        threads=TRAINING["threads"],
        abnormal_marrow=TRAINING["abnormal_marrow"],
        averaged=averaged_views(),
        rounding=rounding(),
        test_log=test_log(),
        logged=logged_evaluation(),
    message:
        "(iii) Train without subject {wildcards.subject}"
    script:
        "../workflow_scripts/3a_train_left_out.py"


rule left_out_dice:
    input:
        code("3a_left_out_dice.py"),
        dice=expand("{training}/left_out_dice.tsv", training=left_out_trainings()),
    output:
        report(
            "<results>/3a_unet_training/leave_one_out.tsv",
            category="3 Disease region",
            labels={"table": "Leave-one-subject-out"},
            caption="captions/leave_one_out.rst",
        ),
    log:
        "<logs>/3a_left_out_dice.log",
    conda:
        "../envs/imaging.yaml"
    threads: 1
    resources:
        mem_mb=500,
    params:
        protocol=TRAINING["protocol"],
    message:
        "(iii) Dice of each subject by the network that has not seen it"
    script:
        "../workflow_scripts/3a_left_out_dice.py"


rule release_networks:
    input:
        code("3a_release_networks.py"),
        members=trained_members("all"),
        selected="<results>/3a_unet_training/selected.json",
        cross_validation="<results>/3a_unet_training/cross_validation.tsv",
        test=test_dice_table() if is_trained() else [],
        judged="<results>/3b_disease_region/failure_judged.tsv",
        failure_model="<results>/3b_disease_region/failure_model.json",
        regions=annotated_files("train", "test")[1::2],
    output:
        members=expand("<results>/3a_unet_training/release/member-{n}.safetensors", n=range(1, TRAINING["members"] + 1)),
        failure_model="<results>/3a_unet_training/release/failure_model.json",
        checksums="<results>/3a_unet_training/release/SHA256SUMS",
        card="<results>/3a_unet_training/release/MODEL_CARD.md",
    log:
        "<logs>/3a_release_networks.log",
    conda:
        "../envs/unet.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        slice_axis=CONFIG["orientation"]["slice_axis"],
        facts={
            "title": CONFIG["title"],
            "simulated": CONFIG["simulated"],
            "protocol": TRAINING["protocol"],
            "mirrored": CONFIG["ensemble"]["mirrored"],
            "scales": CONFIG["ensemble"]["scales"],
            **rounding(),
            "subjects": len({SCANS[scan]["subject"] for scan in annotated("train", "test")}),
            "scans": len(annotated("train", "test")),
        },
    message:
        "(iii) Release files of the trained networks"
    script:
        "../workflow_scripts/3a_release_networks.py"


rule published_learning_curves:
    input:
        code("3a_published_learning_curves.py"),
        loss=[published_file(f"model_training/loss_partition_{fold}.txt") for fold in range(1, 5)],
        dice=[published_file(f"model_training/overlap_partition_{fold}.txt") for fold in range(1, 5)],
    output:
        "<results>/3a_unet_training/published_learning_curves.tsv",
    log:
        "<logs>/3a_published_learning_curves.log",
    conda:
        "../envs/imaging.yaml"
    threads: 1
    resources:
        mem_mb=500,
    message:
        "(iii) Published learning curves as a table"
    script:
        "../workflow_scripts/3a_published_learning_curves.py"


rule figure_s1:
    input:
        code("3a_figure_s1.py"),
        published="<results>/3a_unet_training/published_learning_curves.tsv" if has_learning_curves() else [],
        ours=expand("{training}/progress.tsv", training=fold_trainings()) if is_trained() else [],
        test=test_dice_table(),
    output:
        report(
            "<results>/3a_unet_training/figure_s1.png",
            category="3 Disease region",
            labels={"figure": "Fig S1: learning curves and test Dice"},
            caption="captions/figure_s1.rst",
        ),
        "<results>/3a_unet_training/figure_s1.svg",
    log:
        "<logs>/3a_figure_s1.log",
    conda:
        "../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=500,
    params:
        simulated=CONFIG["simulated"],
        unseen=is_trained(),  # trained here without the test scans
    message:
        "(iii) Fig S1, learning curves and test Dice"
    script:
        "../workflow_scripts/3a_figure_s1.py"


rule test_dice:
    input:
        code("3a_test_dice.py"),
        ensemble=lambda wildcards: expand("<results>/3b_disease_region/ensemble/{scan}.nii.gz", scan=test_scans()),
        manual=lambda wildcards: [SCANS[scan]["disease_region"] for scan in test_scans()],
        published=published_file("model_training/test_data_overlap.txt"),
    output:
        report(
            "<results>/3a_unet_training/test_dice.tsv",
            category="3 Disease region",
            labels={"table": "Dice per test slice"},
            caption="captions/test_dice.rst",
        ),
    log:
        "<logs>/3a_test_dice.log",
    conda:
        "../envs/imaging.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        slice_axis=CONFIG["orientation"]["slice_axis"],
        scans=test_scans(),
    message:
        "(iii) Dice of the ensemble on the test slices"
    script:
        "../workflow_scripts/3a_test_dice.py"
