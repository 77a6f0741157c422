# (v) Small regions: those of fewer than four pixels go; what stays is the preliminary segmentation that readers clean.
#
#   in   4_inflammation/{scan}.nii.gz; for the stability also what steps (i) to (iv) started from
#   out  5_small_regions/{scan}.nii.gz             labels 1 and 2
#        5_small_regions/{scan}_stability.tsv      how many voxels the patch without its brightest voxel gives


rule drop_small_regions:
    input:
        code("5_drop_small_regions.py"),
        inflammation="<results>/4_inflammation/{scan}.nii.gz",
    output:
        "<results>/5_small_regions/{scan}.nii.gz",
    log:
        "<logs>/5_drop_small_regions/{scan}.log",
    conda:
        "../envs/imaging.yaml"
    params:
        slice_axis=CONFIG["orientation"]["slice_axis"],
        small_regions=CONFIG["small_regions"],
    message:
        "(v) Preliminary segmentation of {wildcards.scan}"
    script:
        "../workflow_scripts/5_drop_small_regions.py"


rule preliminary_stability:
    input:
        code("5_preliminary_stability.py"),
        stir=lambda wildcards: PLAN.stir_of_limits(wildcards.scan),
        excluded=lambda wildcards: PLAN.excluded_marrow([wildcards.scan]),
        disease_region="<results>/3b_disease_region/{scan}.nii.gz",
        intensities="<results>/1_normal_bone/{scan}.tsv",
    output:
        "<results>/5_small_regions/{scan}_stability.tsv",
    log:
        "<logs>/5_preliminary_stability/{scan}.log",
    conda:
        "../envs/imaging.yaml"
    params:
        slice_axis=CONFIG["orientation"]["slice_axis"],
        small_regions=CONFIG["small_regions"],
        limit_rule=LIMIT_RULE,
    message:
        "(v) Stability of the preliminary segmentation of {wildcards.scan}"
    script:
        "../workflow_scripts/5_preliminary_stability.py"


rule figure_3:
    input:
        code("5_figure_3.py"),
        examples="<results>/overview/examples.tsv",
        stir=lambda wildcards: PLAN.files_of(PLAN.shown_scans, "stir"),
        region=each("3b_disease_region/{scan}.nii.gz", "shown_scans"),
        preliminary=each("5_small_regions/{scan}.nii.gz", "shown_scans"),
        cleaned=lambda wildcards: [kept["path"] for kept in PLAN.shown_cleanings.values()],
    output:
        *drawn("5_small_regions/figure_3", "Fig 3: examples"),
    log:
        "<logs>/5_figure_3.log",
    conda:
        "../envs/overlays.yaml"
    resources:
        mem_mb=2000,
    params:
        slice_axis=CONFIG["orientation"]["slice_axis"],
        simulated=CONFIG["simulated"],
        scans=PLAN.shown_scans,
        cleaned={scan: kept["reader"] for scan, kept in PLAN.shown_cleanings.items()},
        vhi=CONFIG["limits"]["vhi"],
        sessions={scan: PLAN.scans[scan]["session"] for scan in PLAN.shown_scans},
    message:
        "(v) Fig 3, examples of the output"
    script:
        "../workflow_scripts/5_figure_3.py"
