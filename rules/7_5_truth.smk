# 7.5 Truth: what only a simulated study can tell. How far V_HI is from the true volume, and which error costs how much.
#
#   in   cleaned masks, preliminary segmentations, disease regions; the truth of 0_scans
#   out  7_5_truth/accuracy.tsv        true and estimated volume of every reading
#        7_5_truth/error_sources.tsv   the voxels between them, by source: they add up
#        7_5_truth/cuts.tsv            the mean difference, were the truth defined by another share of oedema fluid
#        7_5_truth/figure_accuracy.*
#        7_5_truth/calibration.tsv     the simulated scans measured like real ones (docs/simulation.md)


rule accuracy:
    input:
        code("7_5_accuracy.py"),
        truth=lambda wildcards: expand("<results>/0_scans/truth/{scan}.json", scan=measurable()),
        inflammation=lambda wildcards: expand("<results>/0_scans/truth/{scan}_inflammation.nii.gz", scan=measurable()),
        reason=lambda wildcards: expand("<results>/0_scans/truth/{scan}_reason.nii.gz", scan=measurable()),
        region=lambda wildcards: expand("<results>/3b_disease_region/{scan}.nii.gz", scan=measurable()),
        preliminary=lambda wildcards: expand("<results>/5_small_regions/{scan}.nii.gz", scan=measurable()),
        cleaned=lambda wildcards: cleaned_files(".nii.gz"),
    output:
        accuracy=report(
            "<results>/7_5_truth/accuracy.tsv",
            category="7.5 Truth (simulated)",
            labels={"table": "V_HI and the true volume"},
            caption="captions/accuracy.rst",
        ),
        sources=report(
            "<results>/7_5_truth/error_sources.tsv",
            category="7.5 Truth (simulated)",
            labels={"table": "What the error is made of"},
            caption="captions/error_sources.rst",
        ),
        cuts=report(
            "<results>/7_5_truth/cuts.tsv",
            category="7.5 Truth (simulated)",
            labels={"table": "V_HI minus truth, by the cut that defines the truth"},
            caption="captions/cuts.rst",
        ),
    log:
        "<logs>/7_5_accuracy.log",
    conda:
        "../envs/imaging.yaml"
    threads: 1
    resources:
        mem_mb=1500,
    params:
        scans=scan_rows(measurable(), "subject", "session"),
        readings=[dict(zip(("scan", "reader", "trial"), key)) for key in cleaned_readings()],
    message:
        "(7.5) V_HI against the truth"
    script:
        "../workflow_scripts/7_5_accuracy.py"


rule figure_accuracy:
    input:
        code("7_5_figure_accuracy.py"),
        accuracy="<results>/7_5_truth/accuracy.tsv",
        sources="<results>/7_5_truth/error_sources.tsv",
        cuts="<results>/7_5_truth/cuts.tsv",
    output:
        report(
            "<results>/7_5_truth/figure_accuracy.png",
            category="7.5 Truth (simulated)",
            labels={"figure": "V_HI against the truth"},
            caption="captions/accuracy.rst",
        ),
        "<results>/7_5_truth/figure_accuracy.svg",
    log:
        "<logs>/7_5_figure_accuracy.log",
    conda:
        "../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=500,
    message:
        "(7.5) Figure of V_HI against the truth"
    script:
        "../workflow_scripts/7_5_figure_accuracy.py"


rule calibration:
    input:
        code("7_5_calibration.py"),
        images=lambda wildcards: [
            SCANS[scan][column] for scan in calibrated_scans() for column in ("t1w", "stir", "normal_bone")
        ],
        region=lambda wildcards: expand("<results>/3b_disease_region/{scan}.nii.gz", scan=calibrated_scans()),
        limits=lambda wildcards: expand("<results>/2_threshold/{scan}.json", scan=calibrated_scans()),
        preliminary=lambda wildcards: expand("<results>/5_small_regions/{scan}.nii.gz", scan=calibrated_scans()),
        masks=lambda wildcards: reading_masks(),
        scores="<results>/0_scans/scores.tsv" if CONFIG["simulation"] else [],
        test_dice=test_dice_table(),
    output:
        scans="<results>/7_5_truth/calibration_scans.tsv",
        summary=report(
            "<results>/7_5_truth/calibration.tsv",
            category="7.5 Truth (simulated)",
            labels={"table": "Calibration"},
            caption="captions/calibration.rst",
        ),
    log:
        "<logs>/7_5_calibration.log",
    conda:
        "../envs/imaging.yaml"
    threads: 1
    resources:
        mem_mb=2000,
    params:
        scans=calibrated_scans(),
        readings=reading_rows(),
    message:
        "(7.5) Scans and readings measured for the calibration of the simulation"
    script:
        "../workflow_scripts/7_5_calibration.py"
