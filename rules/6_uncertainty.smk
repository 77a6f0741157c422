# (vi) The error of V_HI: how far patch, disease region, reader and scan move it, and the interval that they give.
#
#   in   what step (vi) measured, and what steps (i) to (v) started from
#   out  6_cleaning/errors/{scan}.tsv        what patch and region add to the error of each reading
#        6_cleaning/uncertainty.tsv          every reading with its interval, and its sources of error
#        6_cleaning/repeatability.tsv        of subjects who were scanned again without change
#        6_cleaning/figure_uncertainty.*     subjects by V_HI, with intervals
#        6_cleaning/figure_error_sources.*   shares of the sources


rule reading_errors:
    input:
        code("6_reading_errors.py"),
        stir=lambda wildcards: PLAN.stir_of_limits(wildcards.scan),
        normal_marrow=lambda wildcards: PLAN.mask_of_limits(wildcards.scan) if PLAN.needs_patch else [],
        excluded=lambda wildcards: PLAN.excluded_marrow([wildcards.scan]),
        disease_region="<results>/3b_disease_region/{scan}.nii.gz",
        probability=lambda wildcards: PLAN.probability_of_region(wildcards.scan),
        limits="<results>/2_threshold/{scan}.json",
        preliminary="<results>/5_small_regions/{scan}.nii.gz",
        cleaned=lambda wildcards: [PLAN.cleaned_file(*key) for key in PLAN.cleaned_scans[wildcards.scan]],
    output:
        "<results>/6_cleaning/errors/{scan}.tsv",
    log:
        "<logs>/6_reading_errors/{scan}.log",
    conda:
        "../envs/imaging.yaml"
    params:
        slice_axis=CONFIG["orientation"]["slice_axis"],
        limit_rule=LIMIT_RULE,
        counts_from=CONFIG["limits"]["vhi"],
        small_regions=CONFIG["small_regions"],
        readings=lambda wildcards: [
            dict(zip(("scan", "reader", "trial"), key)) for key in PLAN.cleaned_scans[wildcards.scan]
        ],
    message:
        "(vi) What patch and region add to the error of V_HI of {wildcards.scan}"
    script:
        "../workflow_scripts/6_reading_errors.py"


rule uncertainty:
    input:
        code("6_uncertainty.py"),
        measurements="<results>/6_cleaning/measurements.tsv",
        errors=each("6_cleaning/errors/{scan}.tsv", "cleaned_scans"),
    output:
        shown("6_cleaning/uncertainty.tsv", "V_HI with its interval"),
    log:
        "<logs>/6_uncertainty.log",
    conda:
        "../envs/statistics.yaml"
    params:
        rule=CONFIG["limits"]["rule"],
    message:
        "(vi) V_HI of every reading with its interval"
    script:
        "../workflow_scripts/6_uncertainty.py"


rule repeatability:
    input:
        code("6_repeatability.py"),
        measurements="<results>/6_cleaning/measurements.tsv",
    output:
        shown("6_cleaning/repeatability.tsv", "Repeatability of V_HI"),
    log:
        "<logs>/6_repeatability.log",
    conda:
        "../envs/statistics.yaml"
    params:
        unit=CONFIG["statistics"]["vhi_unit"],
    message:
        "(vi) Repeatability of V_HI"
    script:
        "../workflow_scripts/6_repeatability.py"


rule figure_uncertainty:
    input:
        code("6_figure_uncertainty.py"),
        uncertainty="<results>/6_cleaning/uncertainty.tsv",
    output:
        *drawn("6_cleaning/figure_uncertainty", "V_HI of every subject, with intervals"),
        *drawn("6_cleaning/figure_error_sources", "What the error of V_HI is made of"),
    log:
        "<logs>/6_figure_uncertainty.log",
    conda:
        "../envs/overlays.yaml"
    params:
        simulated=CONFIG["simulated"],
        first=PLAN.sessions[0],
    message:
        "(vi) Figures of the intervals of V_HI and of their sources"
    script:
        "../workflow_scripts/6_figure_uncertainty.py"
