# (iii) Each annotated subject left out once: a network trained on all others. No later step uses these networks.
#
#   in   3a_unet_training/selected.json, T1w scans and manual disease regions
#   out  3a_unet_training/leave_one_out/{subject}/seed-{seed}/    weights, progress, Dice
#        3a_unet_training/leave_one_out.tsv
#        3a_unet_training/published_learning_curves.tsv, figure_s1.*    Fig S1: learning curves


rule train_left_out:
    input:
        code("3a_train_left_out.py"),
        selected="<results>/3a_unet_training/selected.json",
        scans=PLAN.annotated_files("train", "test"),
    output:
        weights="<results>/3a_unet_training/leave_one_out/{subject}/seed-{seed}/weights.safetensors",
        progress="<results>/3a_unet_training/leave_one_out/{subject}/seed-{seed}/progress.tsv",
        dice="<results>/3a_unet_training/leave_one_out/{subject}/seed-{seed}/left_out_dice.tsv",
    log:
        "<logs>/3a_train_left_out/{subject}_{seed}.log",
    conda:
        "../envs/unet.yaml"
    threads: PLAN.training["threads"]
    resources:
        mem_mb=3000,
    params:
        **PLAN.averaging,
        slice_axis=CONFIG["orientation"]["slice_axis"],
        scans=PLAN.scan_rows(PLAN.annotated("train", "test"), "subject", "role"),
        steps=PLAN.training["leave_one_out_steps"],
        threads=PLAN.training["threads"],
        abnormal_marrow=PLAN.training["abnormal_marrow"],
        test_log=PLAN.test_log,
        logged=PLAN.logged_evaluation,
    message:
        "(iii) Train without subject {wildcards.subject}"
    script:
        "../workflow_scripts/3a_train_left_out.py"


rule left_out_dice:
    input:
        code("3a_left_out_dice.py"),
        dice=expand("{training}/left_out_dice.tsv", training=PLAN.left_out_trainings),
    output:
        shown("3a_unet_training/leave_one_out.tsv", "Leave-one-subject-out"),
    log:
        "<logs>/3a_left_out_dice.log",
    conda:
        "../envs/imaging.yaml"
    params:
        protocol=PLAN.training["protocol"],
    message:
        "(iii) Dice of each subject by the network that has not seen it"
    script:
        "../workflow_scripts/3a_left_out_dice.py"


rule published_learning_curves:
    input:
        code("3a_published_learning_curves.py"),
        loss=[PLAN.published_file(f"model_training/loss_partition_{fold}.txt") for fold in range(1, 5)],
        dice=[PLAN.published_file(f"model_training/overlap_partition_{fold}.txt") for fold in range(1, 5)],
    output:
        "<results>/3a_unet_training/published_learning_curves.tsv",
    log:
        "<logs>/3a_published_learning_curves.log",
    conda:
        "../envs/imaging.yaml"
    message:
        "(iii) Published learning curves as a table"
    script:
        "../workflow_scripts/3a_published_learning_curves.py"


rule figure_s1:
    input:
        code("3a_figure_s1.py"),
        published="<results>/3a_unet_training/published_learning_curves.tsv" if PLAN.has_learning_curves else [],
        ours=expand("{training}/progress.tsv", training=PLAN.fold_trainings) if PLAN.is_trained else [],
        test=PLAN.test_dice_table,
    output:
        *drawn("3a_unet_training/figure_s1", "Fig S1: learning curves and test Dice"),
    log:
        "<logs>/3a_figure_s1.log",
    conda:
        "../envs/figures.yaml"
    params:
        simulated=CONFIG["simulated"],
        unseen=PLAN.is_trained,  # trained here without the test scans
    message:
        "(iii) Fig S1, learning curves and test Dice"
    script:
        "../workflow_scripts/3a_figure_s1.py"
