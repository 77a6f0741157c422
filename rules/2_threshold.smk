# (ii) Threshold: the sensitive (lower) and the conservative (upper) limit, and what one voxel of the marrow patch does to them.
#
#   in   1_normal_bone/{scan}.tsv
#   out  2_threshold/{scan}.json     lower upper n q1 q3 iqr voxels, and both limits without the brightest voxel


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
