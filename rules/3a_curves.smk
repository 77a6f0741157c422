# (iii) Fig S1: learning curves, the published ones beside ours, and the Dice per test slice.
#
#   in   the paper's published losses and Dice scores; progress of the cross-validation; the test
#   out  3a_unet_training/published_learning_curves.tsv, figure_s1.*


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
