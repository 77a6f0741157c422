# 8 Reporting: the methods in words, the main numbers and the GRRAS table, to be pasted into a manuscript.
#
#   in   the config, measurements, and the tables of section 2.7 that the study has
#   out  8_reporting/methods.txt .html    what was done, and the main numbers
#        8_reporting/grras.tsv .html      the 15 items of GRRAS: what this study says, where, and what the authors have to write


rule methods:
    input:
        code("8_methods.py"),
        **reported_tables(),
        measurements="<results>/6_cleaning/measurements.tsv",
    output:
        text="<results>/8_reporting/methods.txt",
        page=report(
            "<results>/8_reporting/methods.html",
            category="8 Reporting",
            labels={"table": "Methods in words"},
            caption="captions/methods.rst",
        ),
        grras="<results>/8_reporting/grras.tsv",
        grras_page=report(
            "<results>/8_reporting/grras.html",
            category="8 Reporting",
            labels={"table": "GRRAS"},
            caption="captions/grras.rst",
        ),
    log:
        "<logs>/8_methods.log",
    conda:
        "../envs/statistics.yaml"
    threads: 1
    resources:
        mem_mb=500,
    params:
        config=CONFIG,
        counts=reported_counts(),
    message:
        "Methods in words, and the GRRAS table"
    script:
        "../workflow_scripts/8_methods.py"
