# (iii) Disease region by a program of the user's, such as nnU-Net or TotalSegmentator (disease_region.source: command).
#
#   in   T1w scan; the command line in the study's config
#   out  3b_disease_region/command/{scan}.nii.gz   its mask, checked like a drawn one


rule region_by_command:
    input:
        code("3b_region_by_command.py"),
        t1w=of_scan("t1w"),
    output:
        "<results>/3b_disease_region/command/{scan}.nii.gz",
    log:
        "<logs>/3b_region_by_command/{scan}.log",
    conda:
        "../envs/imaging.yaml"
    params:
        slice_axis=CONFIG["orientation"]["slice_axis"],
        command=lambda wildcards: CONFIG["disease_region"]["command"],  # its braces are not wildcards
    message:
        "(iii) Disease region of {wildcards.scan} by disease_region.command"
    script:
        "../workflow_scripts/3b_region_by_command.py"
