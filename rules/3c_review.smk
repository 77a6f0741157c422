# (iii) The visual assessment of disease regions (section 3.1), and Fig S2.
#
#   in   T1w scans, the ensemble's regions, 3b_disease_region/quality.tsv; region_review.tsv of the study and ratings of the pages
#   out  3b_disease_region/review/*                  a sheet and an overlay page per scan
#        3b_disease_region/visual_assessment.tsv     the filled sheet, tallied as in the paper
#        3b_disease_region/figure_s2.*               failures


rule review_page:
    input:
        code("3c_review_page.py"),
        t1w=of_scan("t1w"),
        region="<results>/3b_disease_region/ensemble/{scan}.nii.gz",
        probability="<results>/3b_disease_region/ensemble/{scan}_probability.nii.gz",
        quality="<results>/3b_disease_region/quality.tsv",
    output:
        "<results>/3b_disease_region/review/{scan}.png",
    log:
        "<logs>/3c_review_page/{scan}.log",
    conda:
        "../envs/overlays.yaml"
    params:
        slice_axis=CONFIG["orientation"]["slice_axis"],
        simulated=CONFIG["simulated"],
    message:
        "(iii) Page of {wildcards.scan} to be assessed by eye"
    script:
        "../workflow_scripts/3c_review_page.py"


rule review_sheet:
    input:
        code("3c_review_sheet.py"),
        quality="<results>/3b_disease_region/quality.tsv",
        pages=each("3b_disease_region/review/{scan}.png", "reviewed_scans"),
    output:
        "<results>/3b_disease_region/review/region_review.tsv",
    log:
        "<logs>/3c_review_sheet.log",
    conda:
        "../envs/imaging.yaml"
    params:
        scans=PLAN.reviewed_scans,
    message:
        "(iii) Sheet for the visual assessment"
    script:
        "../workflow_scripts/3c_review_sheet.py"


rule visual_assessment:
    input:
        code("3c_visual_assessment.py"),
        review=lambda wildcards: PLAN.reviews,
        quality="<results>/3b_disease_region/quality.tsv",
    output:
        shown("3b_disease_region/visual_assessment.tsv", "Visual assessment"),
    log:
        "<logs>/3c_visual_assessment.log",
    conda:
        "../envs/imaging.yaml"
    params:
        ratings=[{key: row[key] for key in ("scan", "rating", "note")} for row in STUDY.tables["region_review"]],
        subjects=PLAN.scan_rows(list(PLAN.scans), "subject"),
    message:
        "(iii) Visual assessment, tallied"
    script:
        "../workflow_scripts/3c_visual_assessment.py"


rule figure_s2:
    input:
        code("3c_figure_s2.py"),
        quality="<results>/3b_disease_region/quality.tsv",
        compared="<results>/3b_disease_region/ensemble.tsv",
        t1w=lambda wildcards: PLAN.files_of(PLAN.segmentable, "t1w"),
        region=each("3b_disease_region/ensemble/{scan}.nii.gz", "segmentable"),
    output:
        *drawn("3b_disease_region/figure_s2", "Fig S2: failures of the network"),
    log:
        "<logs>/3c_figure_s2.log",
    conda:
        "../envs/overlays.yaml"
    resources:
        mem_mb=2000,
    params:
        slice_axis=CONFIG["orientation"]["slice_axis"],
        simulated=CONFIG["simulated"],
        scans=PLAN.segmentable,
        subjects={scan: PLAN.scans[scan]["subject"] for scan in PLAN.segmentable},
        failed=PLAN.failed_scans,
    message:
        "(iii) Fig S2, where the ensemble fails"
    script:
        "../workflow_scripts/3c_figure_s2.py"
