# 2.7.4 Failure analysis: scans on which two readers differ by more than two standard deviations, and why.
#
#   in   6_cleaning/measurements.tsv, cleaned masks; disagreements.tsv of the study, once a reader has classified them
#   out  7_4_disagreement/differences.tsv    every scan and pair of readers; discrepant: |difference| > 2 SD
#        7_4_disagreement/sheet.tsv          one row per discrepant scan: fill in `kind`, save as config/<study>/disagreements.tsv
#        7_4_disagreement/pages/             a page of overlays per discrepant scan (as S3 Fig)
#        7_4_disagreement/judged.tsv         the kind as judged and, in a simulated study, as it truly is
#        7_4_disagreement/true_causes.tsv    simulated: what the voxels are that one reader kept and the other removed
#        7_4_disagreement/tally.tsv          discrepant scans by kind


rule differences:
    input:
        code("7_4_differences.py"),
        measurements="<results>/6_cleaning/measurements.tsv",
        judged=PLAN.study_table("disagreements"),
        masks=list(PLAN.compared_readings.values()),
        truth=lambda wildcards: expand(
            "<results>/0_scans/truth/{scan}_reason.nii.gz", scan=PLAN.scans if CONFIG["simulation"] else []
        ),
    output:
        differences="<results>/7_4_disagreement/differences.tsv",
        sheet="<results>/7_4_disagreement/sheet.tsv",
        causes="<results>/7_4_disagreement/true_causes.tsv",
        judged=shown("7_4_disagreement/judged.tsv", "Discrepant scans"),
        tally=shown("7_4_disagreement/tally.tsv", "Discrepancies by kind"),
    log:
        "<logs>/7_4_differences.log",
    conda:
        "../envs/statistics.yaml"
    params:
        unit=CONFIG["statistics"]["vhi_unit"],
        readers=PLAN.cleaning_readers,
        kept=list(PLAN.compared_readings),
        scans=list(PLAN.scans),
    message:
        "(2.7.4) Scans on which the readers differ"
    script:
        "../workflow_scripts/7_4_differences.py"


shown("7_4_disagreement/pages/{page}.png", "Fig S3: {page}", caption="disagreement_pages")


rule disagreement_pages:
    input:
        code("7_4_disagreement_pages.py"),
        differences="<results>/7_4_disagreement/differences.tsv",
        causes="<results>/7_4_disagreement/true_causes.tsv",
        masks=list(PLAN.compared_readings.values()),
        stir=[PLAN.scans[scan]["stir"] for scan, _ in PLAN.compared_readings],
    output:
        directory("<results>/7_4_disagreement/pages"),
    log:
        "<logs>/7_4_disagreement_pages.log",
    conda:
        "../envs/overlays.yaml"
    params:
        slice_axis=CONFIG["orientation"]["slice_axis"],
        unit=CONFIG["statistics"]["vhi_unit"],
        kept=list(PLAN.compared_readings),
        simulated=CONFIG["simulated"],
    message:
        "(2.7.4) Pages of the scans on which the readers differ"
    script:
        "../workflow_scripts/7_4_disagreement_pages.py"
