# 7.5 Truth: what only a simulated study can tell. How far V_HI is from the true volume, and which error costs how much.
#
#   in   cleaned masks, preliminary segmentations, disease regions; the truth of 0_scans
#   out  simulated_truth/accuracy.tsv        true and estimated volume of every reading
#        simulated_truth/error_sources.tsv   the voxels between them, by source: they add up
#        simulated_truth/cuts.tsv            the mean difference, were the truth defined by another share of oedema fluid
#        simulated_truth/figure_accuracy.*
#        simulated_truth/calibration.tsv     the simulated scans measured like real ones (docs/simulation.md)


rule accuracy:
    input:
        code("accuracy.py"),
        truth=each("0_scans/truth/{scan}.json", "measurable"),
        inflammation=each("0_scans/truth/{scan}_inflammation.nii.gz", "measurable"),
        reason=each("0_scans/truth/{scan}_reason.nii.gz", "measurable"),
        region=each("3b_disease_region/{scan}.nii.gz", "measurable"),
        preliminary=each("5_small_regions/{scan}.nii.gz", "measurable"),
        cleaned=lambda wildcards: PLAN.cleaned_files(".nii.gz"),
    output:
        accuracy=shown("simulated_truth/accuracy.tsv", "V_HI and the true volume"),
        sources=shown("simulated_truth/error_sources.tsv", "What the error is made of"),
        cuts=shown("simulated_truth/cuts.tsv", "V_HI minus truth, by the cut that defines the truth"),
    log:
        "<logs>/accuracy.log",
    conda:
        "../envs/imaging.yaml"
    params:
        scans=PLAN.scan_rows(PLAN.measurable, "subject", "session"),
        readings=[dict(zip(("scan", "reader", "trial"), key)) for key in PLAN.cleaned_readings],
    message:
        "(7.5) V_HI against the truth"
    script:
        "../workflow_scripts/accuracy.py"


rule figure_accuracy:
    input:
        code("figure_accuracy.py"),
        accuracy="<results>/simulated_truth/accuracy.tsv",
        sources="<results>/simulated_truth/error_sources.tsv",
        cuts="<results>/simulated_truth/cuts.tsv",
    output:
        *drawn("simulated_truth/figure_accuracy", "V_HI against the truth", caption="accuracy"),
    log:
        "<logs>/figure_accuracy.log",
    conda:
        "../envs/figures.yaml"
    message:
        "(7.5) Figure of V_HI against the truth"
    script:
        "../workflow_scripts/figure_accuracy.py"


rule calibration:
    input:
        code("calibration.py"),
        images=lambda wildcards: PLAN.files_of(PLAN.calibrated_scans, "t1w", "stir", "normal_marrow"),
        region=each("3b_disease_region/{scan}.nii.gz", "calibrated_scans"),
        limits=each("2_threshold/{scan}.json", "calibrated_scans"),
        preliminary=each("5_small_regions/{scan}.nii.gz", "calibrated_scans"),
        masks=planned("reading_masks"),
        scores="<results>/0_scans/scores.tsv" if CONFIG["simulation"] else [],
        test_dice=PLAN.test_dice_table,
    output:
        scans="<results>/simulated_truth/calibration_scans.tsv",
        summary=shown("simulated_truth/calibration.tsv", "Calibration"),
    log:
        "<logs>/calibration.log",
    conda:
        "../envs/imaging.yaml"
    resources:
        mem_mb=2000,
    params:
        scans=PLAN.calibrated_scans,
        readings=PLAN.reading_rows,
    message:
        "(7.5) Scans and readings measured for the calibration of the simulation"
    script:
        "../workflow_scripts/calibration.py"
