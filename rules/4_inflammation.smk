# (iv) Inflammation: both limits applied within the disease region, on the STIR grid.
#
#   in   STIR scan, 3b_disease_region/{scan}.nii.gz, 2_threshold/{scan}.json
#   out  4_inflammation/{scan}.nii.gz    1 from the lower limit, 2 from the upper


rule threshold_inflammation:
    input:
        code("4_threshold_inflammation.py"),
        stir=lambda wildcards: PLAN.stir_of_limits(wildcards.scan),
        excluded=lambda wildcards: PLAN.excluded_marrow([wildcards.scan]),
        disease_region="<results>/3b_disease_region/{scan}.nii.gz",
        limits="<results>/2_threshold/{scan}.json",
    output:
        "<results>/4_inflammation/{scan}.nii.gz",
    log:
        "<logs>/4_threshold_inflammation/{scan}.log",
    conda:
        "../envs/imaging.yaml"
    params:
        slice_axis=CONFIG["orientation"]["slice_axis"],
    message:
        "(iv) Threshold within the disease region of {wildcards.scan}"
    script:
        "../workflow_scripts/4_threshold_inflammation.py"
