# (i) Normal marrow: its STIR intensities in a patch that is drawn in the interforaminal sacrum.
#
#   in   STIR scan, mask of normal marrow
#   out  1_normal_bone/{scan}.tsv     intensity of each voxel of the mask


rule normal_marrow_intensities:
    input:
        code("1_normal_marrow_intensities.py"),
        stir=of_scan("stir"),
        normal_marrow=of_scan("normal_marrow"),
    output:
        "<results>/1_normal_bone/{scan}.tsv",
    log:
        "<logs>/1_normal_marrow_intensities/{scan}.log",
    conda:
        "../envs/imaging.yaml"
    params:
        slice_axis=CONFIG["orientation"]["slice_axis"],
    message:
        "(i) Normal marrow of {wildcards.scan}"
    script:
        "../workflow_scripts/1_normal_marrow_intensities.py"
