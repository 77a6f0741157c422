# (iii) How far a disease region can be trusted (sections 2.5.3 and 3.1: the network failed in 3 of 19 subjects).
#
#   in   what the networks say of their own predictions; annotated scans, as they are and made abnormal
#   out  3b_disease_region/failure_calibration.tsv   Dice of networks on such scans, beside what they said
#        3b_disease_region/failure_model.json        from what they say to a predicted Dice
#        3b_disease_region/failure_judged.tsv        how well that finds failures, leaving out one subject at a time
#        3b_disease_region/figure_failure.*
#        3b_disease_region/quality.tsv               every scan: predicted Dice, what is unusual, whether to look at it
#        3b_disease_region/review/*                  a sheet and an overlay page per scan, to be assessed by eye
#        3b_disease_region/visual_assessment.tsv     the filled sheet (region_review.tsv), tallied as in the paper


rule failure_calibration:
    input:
        code("3b_failure_calibration.py"),
        networks=calibration_networks(),
        selected="<results>/3a_unet_training/selected.json" if is_trained() else [],
        folds="<results>/3a_unet_training/folds.tsv" if is_trained() else [],
        scans=annotated_files(*calibration_roles()),
    output:
        "<results>/3b_disease_region/failure_calibration.tsv",
    log:
        "<logs>/3b_failure_calibration.log",
    conda:
        "../envs/unet.yaml"
    threads: CONFIG["ensemble"]["threads"]
    resources:
        mem_mb=2500,
    params:
        slice_axis=CONFIG["orientation"]["slice_axis"],
        precision=CONFIG["ensemble"]["precision"],
        threads=CONFIG["ensemble"]["threads"],
        averaged=averaged_views(),
        rounding=rounding(),
        scans=scan_rows(annotated(*calibration_roles()), "subject"),
        seed=TRAINING["seed"],
    message:
        "(iii) Networks on annotated scans, as they are and made abnormal"
    script:
        "../workflow_scripts/3b_failure_calibration.py"


rule failure_model:
    input:
        code("3b_failure_model.py"),
        calibration="<results>/3b_disease_region/failure_calibration.tsv",
    output:
        model="<results>/3b_disease_region/failure_model.json",
        predicted="<results>/3b_disease_region/failure_predicted.tsv",
        judged=report(
            "<results>/3b_disease_region/failure_judged.tsv",
            category="3 Disease region",
            labels={"table": "How well failures are found"},
            caption="captions/failure_judged.rst",
        ),
    log:
        "<logs>/3b_failure_model.log",
    conda:
        "../envs/imaging.yaml"
    threads: 1
    resources:
        mem_mb=500,
    params:
        flag_below=CONFIG["ensemble"]["flag_below"],
    message:
        "(iii) Predicted Dice, fitted and judged"
    script:
        "../workflow_scripts/3b_failure_model.py"


rule figure_failure:
    input:
        code("3b_figure_failure.py"),
        predicted="<results>/3b_disease_region/failure_predicted.tsv",
    output:
        report(
            "<results>/3b_disease_region/figure_failure.png",
            category="3 Disease region",
            labels={"figure": "Predicted against true Dice"},
            caption="captions/failure_judged.rst",
        ),
        "<results>/3b_disease_region/figure_failure.svg",
    log:
        "<logs>/3b_figure_failure.log",
    conda:
        "../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=500,
    params:
        flag_below=CONFIG["ensemble"]["flag_below"],
        simulated=CONFIG["simulated"],
    message:
        "(iii) Figure of the predicted Dice"
    script:
        "../workflow_scripts/3b_figure_failure.py"


rule quality:
    input:
        code("3b_quality.py"),
        about=lambda wildcards: expand("<results>/3b_disease_region/ensemble/{scan}.json", scan=segmentable()),
        model=failure_model(),
        compared="<results>/3b_disease_region/ensemble.tsv",
    output:
        report(
            "<results>/3b_disease_region/quality.tsv",
            category="3 Disease region",
            labels={"table": "Which scans need a look"},
            caption="captions/quality.rst",
        ),
    log:
        "<logs>/3b_quality.log",
    conda:
        "../envs/imaging.yaml"
    threads: 1
    resources:
        mem_mb=500,
    params:
        flag_below=CONFIG["ensemble"]["flag_below"],
    message:
        "(iii) Which scans need a look"
    script:
        "../workflow_scripts/3b_quality.py"


rule review_page:
    input:
        code("3b_review_page.py"),
        t1w=of_scan("t1w"),
        region="<results>/3b_disease_region/ensemble/{scan}.nii.gz",
        probability="<results>/3b_disease_region/ensemble/{scan}_probability.nii.gz",
        quality="<results>/3b_disease_region/quality.tsv",
    output:
        "<results>/3b_disease_region/review/{scan}.png",
    log:
        "<logs>/3b_review_page/{scan}.log",
    conda:
        "../envs/overlays.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        slice_axis=CONFIG["orientation"]["slice_axis"],
        simulated=CONFIG["simulated"],
    message:
        "(iii) Page of {wildcards.scan} to be assessed by eye"
    script:
        "../workflow_scripts/3b_review_page.py"


rule review_sheet:
    input:
        code("3b_review_sheet.py"),
        quality="<results>/3b_disease_region/quality.tsv",
        pages=lambda wildcards: expand("<results>/3b_disease_region/review/{scan}.png", scan=reviewed_scans()),
    output:
        "<results>/3b_disease_region/review/region_review.tsv",
    log:
        "<logs>/3b_review_sheet.log",
    conda:
        "../envs/imaging.yaml"
    threads: 1
    resources:
        mem_mb=500,
    params:
        scans=reviewed_scans(),
    message:
        "(iii) Sheet for the visual assessment"
    script:
        "../workflow_scripts/3b_review_sheet.py"


rule visual_assessment:
    input:
        code("3b_visual_assessment.py"),
        review=f"{STUDY.folder}/region_review.tsv",
        quality="<results>/3b_disease_region/quality.tsv",
    output:
        report(
            "<results>/3b_disease_region/visual_assessment.tsv",
            category="3 Disease region",
            labels={"table": "Visual assessment"},
            caption="captions/visual_assessment.rst",
        ),
    log:
        "<logs>/3b_visual_assessment.log",
    conda:
        "../envs/imaging.yaml"
    threads: 1
    resources:
        mem_mb=500,
    params:
        subjects=scan_rows(list(SCANS), "subject"),
    message:
        "(iii) Visual assessment, tallied"
    script:
        "../workflow_scripts/3b_visual_assessment.py"
