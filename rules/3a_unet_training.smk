# (iii) U-Net training: learning curves and the test of the ensemble against manual disease regions.
#
#   in   the paper's published learning curves; 3b_disease_region/ensemble/{scan}.nii.gz of the test scans
#   out  3a_unet_training/published_learning_curves.tsv .png .svg
#        3a_unet_training/test_dice.tsv      Dice of every test slice, beside the published ones


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
        published="<results>/3a_unet_training/published_learning_curves.tsv",
    output:
        report(
            "<results>/3a_unet_training/figure_s1.png",
            category="3 Disease region",
            labels={"figure": "Fig S1: learning curves"},
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
    message:
        "(iii) Fig S1, learning curves"
    script:
        "../workflow_scripts/3a_figure_s1.py"


rule test_dice:
    input:
        code("3a_test_dice.py"),
        ensemble=expand("<results>/3b_disease_region/ensemble/{scan}.nii.gz", scan=test_scans()),
        manual=[SCANS[scan]["disease_region"] for scan in test_scans()],
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
