# 2.7.2 Agreement within readers, where scans were cleaned twice (config `reading_room.repeats`, or trial 2 in readings.tsv).
#
#   in   6_cleaning/measurements.tsv
#   out  7_2_agreement/limits_within.tsv, reliability_within.tsv


rule within_readers:
    input:
        code("7_2_within_readers.py"),
        measurements="<results>/6_cleaning/measurements.tsv",
    output:
        limits=shown("7_2_agreement/limits_within.tsv", "Limits of agreement within readers"),
        reliability=shown(
            "7_2_agreement/reliability_within.tsv", "ICC of each reader's two trials", caption="limits_within"
        ),
    log:
        "<logs>/7_2_within_readers.log",
    conda:
        "../envs/statistics.yaml"
    params:
        readers=CONFIG["readers"],
        sessions=PLAN.sessions,
        unit=CONFIG["statistics"]["vhi_unit"],
        quantile=CONFIG["statistics"]["truncate_quantile"],
    message:
        "(2.7.2) Agreement of each reader with themselves"
    script:
        "../workflow_scripts/7_2_within_readers.py"
