# (i) Normal marrow proposed by networks (`normal_marrow.source`, target `normal_marrow`); the paper draws it by hand.
#
#   in   STIR scans and drawn patches
#   out  1_normal_bone/networks/fold-{fold}/*          trained on the drawn patches of all subjects but those of the fold
#        1_normal_bone/proposed/{scan}.nii.gz .json    by the networks that have not seen the subject
#        1_normal_bone/proposed.tsv                    limits and preliminary voxels by the drawn patch and the proposed one
#        1_normal_bone/figure_proposed.*


use rule folds as marrow_folds with:
    output:
        "<results>/1_normal_bone/networks/folds.tsv",
    log:
        "<logs>/1_marrow_folds.log",
    params:
        subjects=PLAN.marrow_subjects,
        folds=len(PLAN.marrow_folds),
        seed=PLAN.training["seed"],
    message:
        "(i) Folds of the networks that propose normal marrow"


rule train_marrow_network:
    input:
        code("1_train_marrow_network.py"),
        folds="<results>/1_normal_bone/networks/folds.tsv",
        scans=lambda wildcards: PLAN.files_of(PLAN.with_drawn_marrow, "stir", "normal_marrow"),
    output:
        weights="<results>/1_normal_bone/networks/fold-{fold}/weights.safetensors",
        progress="<results>/1_normal_bone/networks/fold-{fold}/progress.tsv",
    log:
        "<logs>/1_train_marrow_network/{fold}.log",
    conda:
        "../envs/unet.yaml"
    threads: PLAN.training["threads"]
    resources:
        mem_mb=2000,
    params:
        slice_axis=CONFIG["orientation"]["slice_axis"],
        scans=PLAN.scan_rows(PLAN.with_drawn_marrow, "subject"),
        seed=PLAN.training["seed"],
        threads=PLAN.training["threads"],
        steps=CONFIG["normal_marrow"]["steps"],
    message:
        "(i) Train the network that proposes normal marrow, fold {wildcards.fold}"
    script:
        "../workflow_scripts/1_train_marrow_network.py"


rule propose_normal_marrow:
    input:
        code("1_propose_normal_marrow.py"),
        stir=of_scan("stir"),
        folds="<results>/1_normal_bone/networks/folds.tsv",
        networks=expand("<results>/1_normal_bone/networks/fold-{fold}/weights.safetensors", fold=PLAN.marrow_folds),
        drawn=lambda wildcards: PLAN.files_of(PLAN.with_drawn_marrow, "normal_marrow"),
    output:
        patch="<results>/1_normal_bone/proposed/{scan}.nii.gz",
        about="<results>/1_normal_bone/proposed/{scan}.json",
    log:
        "<logs>/1_propose_normal_marrow/{scan}.log",
    conda:
        "../envs/unet.yaml"
    params:
        slice_axis=CONFIG["orientation"]["slice_axis"],
        precision=CONFIG["ensemble"]["precision"],
        subject=lambda wildcards: PLAN.scans[wildcards.scan]["subject"],
    message:
        "(i) Normal marrow of {wildcards.scan}, proposed"
    script:
        "../workflow_scripts/1_propose_normal_marrow.py"


rule compare_normal_marrow:
    input:
        code("1_compare_normal_marrow.py"),
        proposed=each("1_normal_bone/proposed/{scan}.nii.gz", "marrow_compared"),
        images=lambda wildcards: PLAN.files_of(PLAN.marrow_compared, "stir", "normal_marrow"),
        region=each("3b_disease_region/{scan}.nii.gz", "marrow_compared"),
        stability=each("5_small_regions/{scan}_stability.tsv", "marrow_compared"),
    output:
        shown("1_normal_bone/proposed.tsv", "Drawn and proposed normal marrow", caption="proposed_normal_marrow"),
    log:
        "<logs>/1_compare_normal_marrow.log",
    conda:
        "../envs/imaging.yaml"
    params:
        slice_axis=CONFIG["orientation"]["slice_axis"],
        exclude_normal_marrow=CONFIG["normal_marrow"]["exclude_from_disease_region"],
        limit_rule=LIMIT_RULE,
        small_regions=CONFIG["small_regions"],
        scans=PLAN.marrow_compared,
    message:
        "(i) Drawn and proposed normal marrow compared by what they do"
    script:
        "../workflow_scripts/1_compare_normal_marrow.py"


rule figure_proposed:
    input:
        code("1_figure_proposed.py"),
        compared="<results>/1_normal_bone/proposed.tsv",
    output:
        *drawn("1_normal_bone/figure_proposed", "Drawn and proposed normal marrow", caption="proposed_normal_marrow"),
    log:
        "<logs>/1_figure_proposed.log",
    conda:
        "../envs/figures.yaml"
    params:
        simulated=CONFIG["simulated"],
    message:
        "(i) Figure of drawn and proposed normal marrow"
    script:
        "../workflow_scripts/1_figure_proposed.py"
