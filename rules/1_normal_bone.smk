# (i) Normal marrow: its STIR intensities in a patch that is drawn in the interforaminal sacrum; those of the inner disease region where
# the limits need no patch (`limits.rule: disease_region`).
#
#   in   STIR scan, mask of normal marrow or disease region
#   out  1_normal_bone/{scan}.tsv     intensity of each voxel of the mask


rule normal_marrow_intensities:
    input:
        code("1_normal_marrow_intensities.py"),
        stir=lambda wildcards: PLAN.stir_of_limits(wildcards.scan),
        mask=lambda wildcards: PLAN.mask_of_limits(wildcards.scan),
    output:
        "<results>/1_normal_bone/{scan}.tsv",
    log:
        "<logs>/1_normal_marrow_intensities/{scan}.log",
    conda:
        "../envs/imaging.yaml"
    params:
        slice_axis=CONFIG["orientation"]["slice_axis"],
        is_patch=PLAN.needs_patch,
    message:
        "(i) Normal marrow of {wildcards.scan}"
    script:
        "../workflow_scripts/1_normal_marrow_intensities.py"
