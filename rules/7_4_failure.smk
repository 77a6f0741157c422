# 2.7.4 Failure analysis: scans on which two readers differ by more than two standard deviations, and why.
#
#   in   6_cleaning/measurements.tsv, cleaned masks; failures.tsv of the study, once a reader has classified them
#   out  7_4_failure/differences.tsv    every scan and pair of readers; discrepant: |difference| > 2 SD
#        7_4_failure/sheet.tsv          one row per discrepant scan: fill in `kind`, save as config/<study>/failures.tsv
#        7_4_failure/pages/             a page of overlays per discrepant scan (as S3 Fig)
#        7_4_failure/judged.tsv         the kind as judged and, in a simulated study, as it truly is
#        7_4_failure/true_causes.tsv    simulated: what the voxels are that one reader kept and the other removed
#        7_4_failure/tally.tsv          discrepant scans by kind


rule differences:
    input:
        code("7_4_differences.py"),
        measurements="<results>/6_cleaning/measurements.tsv",
        failures=study_table("failures"),
        masks=list(compared_readings().values()),
        truth=lambda wildcards: expand(
            "<results>/0_scans/truth/{scan}_reason.nii.gz", scan=SCANS if CONFIG["simulation"] else []
        ),
    output:
        differences="<results>/7_4_failure/differences.tsv",
        sheet="<results>/7_4_failure/sheet.tsv",
        causes="<results>/7_4_failure/true_causes.tsv",
        judged=report(
            "<results>/7_4_failure/judged.tsv",
            category="7.4 Failure analysis",
            labels={"table": "Discrepant scans"},
            caption="captions/judged.rst",
        ),
        tally=report(
            "<results>/7_4_failure/tally.tsv",
            category="7.4 Failure analysis",
            labels={"table": "Discrepancies by kind"},
            caption="captions/tally.rst",
        ),
    log:
        "<logs>/7_4_differences.log",
    conda:
        "../envs/statistics.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        unit=CONFIG["statistics"]["vhi_unit"],
        readers=cleaning_readers(),
        kept=list(compared_readings()),
        scans=list(SCANS),
    message:
        "(2.7.4) Scans on which the readers differ"
    script:
        "../workflow_scripts/7_4_differences.py"


rule failure_pages:
    input:
        code("7_4_failure_pages.py"),
        differences="<results>/7_4_failure/differences.tsv",
        causes="<results>/7_4_failure/true_causes.tsv",
        masks=list(compared_readings().values()),
        stir=[SCANS[scan]["stir"] for scan, _ in compared_readings()],
    output:
        report(
            directory("<results>/7_4_failure/pages"),
            patterns=["{page}.png"],
            category="7.4 Failure analysis",
            labels={"figure": "Fig S3: {page}"},
            caption="captions/failure_pages.rst",
        ),
    log:
        "<logs>/7_4_failure_pages.log",
    conda:
        "../envs/overlays.yaml"
    threads: 1
    resources:
        mem_mb=1500,
    params:
        slice_axis=CONFIG["orientation"]["slice_axis"],
        unit=CONFIG["statistics"]["vhi_unit"],
        kept=list(compared_readings()),
        simulated=CONFIG["simulated"],
    message:
        "(2.7.4) Pages of the scans on which the readers differ"
    script:
        "../workflow_scripts/7_4_failure_pages.py"
