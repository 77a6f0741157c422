# (ii) Threshold: the sensitive (lower) and the conservative (upper) limit, and what one voxel of the marrow patch does to them.
#
#   in   1_normal_bone/{scan}.tsv
#   out  2_threshold/{scan}_unshaded.nii.gz   the STIR without the shading of the coils (`limits.shading: n4`)
#        2_threshold/{scan}.json     lower upper n q1 q3 iqr voxels, and both limits without the brightest voxel


rule unshaded:
    input:
        code("2_unshaded.py"),
        stir=of_scan("stir"),
        disease_region="<results>/3b_disease_region/{scan}.nii.gz",
    output:
        "<results>/2_threshold/{scan}_unshaded.nii.gz",
    log:
        "<logs>/2_unshaded/{scan}.log",
    conda:
        "../envs/shading.yaml"
    params:
        slice_axis=CONFIG["orientation"]["slice_axis"],
    message:
        "(ii) STIR of {wildcards.scan} without the shading of the coils"
    script:
        "../workflow_scripts/2_unshaded.py"


rule limits:
    input:
        code("2_limits.py"),
        intensities="<results>/1_normal_bone/{scan}.tsv",
    output:
        "<results>/2_threshold/{scan}.json",
    log:
        "<logs>/2_limits/{scan}.log",
    conda:
        "../envs/imaging.yaml"
    params:
        limit_rule=LIMIT_RULE,
    message:
        "(ii) Limits of {wildcards.scan}"
    script:
        "../workflow_scripts/2_limits.py"
