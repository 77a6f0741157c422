# (i) Normal bone: the STIR intensities of normal marrow, drawn in the interforaminal sacrum.
#
#   in   STIR scan, normal-marrow mask
#   out  1_normal_bone/{scan}.tsv                      intensity of each voxel of the mask
#
# The paper draws the patch by hand. Networks that propose it (`normal_bone.source`, target `normal_bone`):
#   out  1_normal_bone/networks/fold-{fold}/*          trained on the drawn patches of all subjects but the fold's
#        1_normal_bone/proposed/{scan}.nii.gz .json    by the networks that have not seen the subject
#        1_normal_bone/proposed.tsv                    limits and preliminary voxels by the drawn patch and the proposed one
#        1_normal_bone/figure_proposed.*


rule normal_bone_intensities:
    input:
        code("1_normal_bone_intensities.py"),
        stir=of_scan("stir"),
        normal_bone=of_scan("normal_bone"),
    output:
        "<results>/1_normal_bone/{scan}.tsv",
    log:
        "<logs>/1_normal_bone_intensities/{scan}.log",
    conda:
        "../envs/imaging.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        slice_axis=CONFIG["orientation"]["slice_axis"],
    message:
        "(i) Normal marrow of {wildcards.scan}"
    script:
        "../workflow_scripts/1_normal_bone_intensities.py"


rule marrow_folds:
    input:
        code("1_marrow_folds.py"),
    output:
        "<results>/1_normal_bone/networks/folds.tsv",
    log:
        "<logs>/1_marrow_folds.log",
    conda:
        "../envs/imaging.yaml"
    threads: 1
    resources:
        mem_mb=500,
    params:
        subjects=marrow_subjects(),
        folds=len(marrow_folds()),
        seed=TRAINING["seed"],
    message:
        "(i) Folds of the networks that propose normal marrow"
    script:
        "../workflow_scripts/1_marrow_folds.py"


rule train_marrow_network:
    input:
        code("1_train_marrow_network.py"),
        folds="<results>/1_normal_bone/networks/folds.tsv",
        scans=lambda wildcards: [
            SCANS[scan][column] for scan in with_drawn_marrow() for column in ("stir", "normal_bone")
        ],
    output:
        weights="<results>/1_normal_bone/networks/fold-{fold}/weights.safetensors",
        progress="<results>/1_normal_bone/networks/fold-{fold}/progress.tsv",
    log:
        "<logs>/1_train_marrow_network/{fold}.log",
    conda:
        "../envs/unet.yaml"
    threads: TRAINING["threads"]
    resources:
        mem_mb=2000,
    params:
        slice_axis=CONFIG["orientation"]["slice_axis"],
        scans=scan_rows(with_drawn_marrow(), "subject"),
        seed=TRAINING["seed"],
        threads=TRAINING["threads"],
        steps=CONFIG["normal_bone"]["steps"],
    message:
        "(i) Train the network that proposes normal marrow, fold {wildcards.fold}"
    script:
        "../workflow_scripts/1_train_marrow_network.py"


rule propose_normal_bone:
    input:
        code("1_propose_normal_bone.py"),
        stir=of_scan("stir"),
        folds="<results>/1_normal_bone/networks/folds.tsv",
        networks=expand("<results>/1_normal_bone/networks/fold-{fold}/weights.safetensors", fold=marrow_folds()),
        drawn=lambda wildcards: [SCANS[scan]["normal_bone"] for scan in with_drawn_marrow()],
    output:
        patch="<results>/1_normal_bone/proposed/{scan}.nii.gz",
        about="<results>/1_normal_bone/proposed/{scan}.json",
    log:
        "<logs>/1_propose_normal_bone/{scan}.log",
    conda:
        "../envs/unet.yaml"
    threads: 1
    resources:
        mem_mb=1500,
    params:
        slice_axis=CONFIG["orientation"]["slice_axis"],
        precision=CONFIG["ensemble"]["precision"],
        subject=lambda wildcards: SCANS[wildcards.scan]["subject"],
    message:
        "(i) Normal marrow of {wildcards.scan}, proposed"
    script:
        "../workflow_scripts/1_propose_normal_bone.py"


rule compare_normal_bone:
    input:
        code("1_compare_normal_bone.py"),
        proposed=lambda wildcards: expand("<results>/1_normal_bone/proposed/{scan}.nii.gz", scan=marrow_compared()),
        images=lambda wildcards: [
            SCANS[scan][column] for scan in marrow_compared() for column in ("stir", "normal_bone")
        ],
        region=lambda wildcards: expand("<results>/3b_disease_region/{scan}.nii.gz", scan=marrow_compared()),
        stability=lambda wildcards: expand("<results>/5_small_regions/{scan}_stability.tsv", scan=marrow_compared()),
    output:
        report(
            "<results>/1_normal_bone/proposed.tsv",
            category="1 Normal bone",
            labels={"table": "Drawn and proposed normal marrow"},
            caption="captions/proposed_normal_bone.rst",
        ),
    log:
        "<logs>/1_compare_normal_bone.log",
    conda:
        "../envs/imaging.yaml"
    threads: 1
    resources:
        mem_mb=1500,
    params:
        slice_axis=CONFIG["orientation"]["slice_axis"],
        exclude_normal_bone=CONFIG["normal_bone"]["exclude_from_disease_region"],
        limit_rule=LIMIT_RULE,
        small_regions=CONFIG["small_regions"],
        scans=marrow_compared(),
    message:
        "(i) Drawn and proposed normal marrow compared by what they do"
    script:
        "../workflow_scripts/1_compare_normal_bone.py"


rule figure_proposed:
    input:
        code("1_figure_proposed.py"),
        compared="<results>/1_normal_bone/proposed.tsv",
    output:
        report(
            "<results>/1_normal_bone/figure_proposed.png",
            category="1 Normal bone",
            labels={"figure": "Drawn and proposed normal marrow"},
            caption="captions/proposed_normal_bone.rst",
        ),
        "<results>/1_normal_bone/figure_proposed.svg",
    log:
        "<logs>/1_figure_proposed.log",
    conda:
        "../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=500,
    params:
        simulated=CONFIG["simulated"],
    message:
        "(i) Figure of drawn and proposed normal marrow"
    script:
        "../workflow_scripts/1_figure_proposed.py"
