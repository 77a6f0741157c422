# (iii) How far a disease region can be trusted (sections 2.5.3 and 3.1: the network failed in 3 of 19 subjects).
#
#   in   what the networks say of their own predictions; annotated scans, as they are and made abnormal
#   out  3b_disease_region/failure_calibration.tsv   Dice of networks on such scans, beside what they said
#        3b_disease_region/failure_model.json        from what they say to a predicted Dice
#        3b_disease_region/failure_judged.tsv        how well that finds failures, leaving out one subject at a time
#        3b_disease_region/figure_failure.*
#        3b_disease_region/quality.tsv               every scan: predicted Dice, what is unusual, whether to review it


rule failure_calibration:
    input:
        code("3c_failure_calibration.py"),
        networks=PLAN.calibration_networks,
        weak=PLAN.weak_networks,
        selected="<results>/3a_unet_training/selected.json" if PLAN.is_trained else [],
        folds="<results>/3a_unet_training/folds.tsv" if PLAN.is_trained else [],
        scans=PLAN.annotated_files(*PLAN.calibration_roles),
    output:
        "<results>/3b_disease_region/failure_calibration.tsv",
    log:
        "<logs>/3c_failure_calibration.log",
    conda:
        "../envs/unet.yaml"
    threads: CONFIG["ensemble"]["threads"]
    resources:
        mem_mb=2500,
    params:
        **PREDICTING,
        scans=PLAN.scan_rows(PLAN.annotated(*PLAN.calibration_roles), "subject"),
        seed=PLAN.training["seed"],
    message:
        "(iii) Dice on original and altered annotated scans"
    script:
        "../workflow_scripts/3c_failure_calibration.py"


rule failure_model:
    input:
        code("3c_failure_model.py"),
        calibration="<results>/3b_disease_region/failure_calibration.tsv",
    output:
        model="<results>/3b_disease_region/failure_model.json",
        predicted="<results>/3b_disease_region/failure_predicted.tsv",
        judged=shown("3b_disease_region/failure_judged.tsv", "How well failures are found"),
    log:
        "<logs>/3c_failure_model.log",
    conda:
        "../envs/imaging.yaml"
    params:
        flag_below=CONFIG["ensemble"]["flag_below"],
    message:
        "(iii) Predicted Dice, fitted and judged"
    script:
        "../workflow_scripts/3c_failure_model.py"


rule figure_failure:
    input:
        code("3c_figure_failure.py"),
        predicted="<results>/3b_disease_region/failure_predicted.tsv",
    output:
        *drawn("3b_disease_region/figure_failure", "Predicted against true Dice", caption="failure_judged"),
    log:
        "<logs>/3c_figure_failure.log",
    conda:
        "../envs/figures.yaml"
    params:
        flag_below=CONFIG["ensemble"]["flag_below"],
        simulated=CONFIG["simulated"],
    message:
        "(iii) Figure of the predicted Dice"
    script:
        "../workflow_scripts/3c_figure_failure.py"


rule quality:
    input:
        code("3c_quality.py"),
        about=each("3b_disease_region/ensemble/{scan}.json", "segmentable"),
        model=PLAN.failure_model,
        compared="<results>/3b_disease_region/ensemble.tsv",
    output:
        shown("3b_disease_region/quality.tsv", "Scans flagged for review"),
    log:
        "<logs>/3c_quality.log",
    conda:
        "../envs/imaging.yaml"
    params:
        flag_below=CONFIG["ensemble"]["flag_below"],
    message:
        "(iii) Scans flagged for review"
    script:
        "../workflow_scripts/3c_quality.py"
