# Where scans come from: the paper's public repository is downloaded at its pinned commit; a simulated study makes its scans,
# readers and patients here, with the truth beside them.
#
#   in   config `download`: address and manifest of checksums; or config `simulation` and design.tsv
#   out  the data folder of the study, every file of the manifest checked
#        0_scans/download.tsv                 each file, and whether the manifest knows it
#        0_scans/{scan}_*.nii.gz              simulated T1w, STIR, normal marrow, disease region
#        0_scans/truth/{scan}_*               true inflammation, why a voxel is bright, true volume
#        0_scans/{scan}_{reader}*             simulated readings: drawn, cleaned, SPARCC
#        0_scans/clinical.tsv, scores.tsv, sparcc_sheets.tsv


rule download_public_data:
    input:
        code("download_public_data.py"),
        manifest=f"{STUDY.folder}/{CONFIG['download']['manifest']}" if CONFIG["download"] else [],
    output:
        "<results>/0_scans/download.tsv",
    log:
        "<logs>/download_public_data.log",
    conda:
        "../envs/imaging.yaml"
    params:
        url=CONFIG["download"]["url"] if CONFIG["download"] else None,
        folder=CONFIG["data"],
    message:
        f"Download the scans of study {STUDY.name}"
    script:
        "../workflow_scripts/download_public_data.py"


rule simulate_scan:
    input:
        code("simulate_scan.py"),
    output:
        t1w="<results>/0_scans/{scan}_T1W.nii.gz",
        stir="<results>/0_scans/{scan}_STIR.nii.gz",
        normal_marrow="<results>/0_scans/{scan}_normal_marrow.nii.gz",
        disease_region="<results>/0_scans/{scan}_disease_region.nii.gz",
        inflammation="<results>/0_scans/truth/{scan}_inflammation.nii.gz",
        reason="<results>/0_scans/truth/{scan}_reason.nii.gz",
        truth="<results>/0_scans/truth/{scan}.json",
        sheets="<results>/0_scans/{scan}_sparcc_sheets.tsv",
    log:
        "<logs>/simulate_scan/{scan}.log",
    conda:
        "../envs/imaging.yaml"
    params:
        simulation=CONFIG["simulation"],
        subject=lambda wildcards: PLAN.simulated_subject(wildcards.scan),
    message:
        "Simulate {wildcards.scan}"
    script:
        "../workflow_scripts/simulate_scan.py"


rule simulate_drawing:
    input:
        code("simulate_drawing.py"),
    output:
        expand(
            "<results>/0_scans/{{scan}}_{reader}_drawn_{trial}.nii.gz", reader=CONFIG["readers"] or ["-"], trial=(1, 2)
        ),
    log:
        "<logs>/simulate_drawing/{scan}.log",
    conda:
        "../envs/imaging.yaml"
    params:
        simulation=CONFIG["simulation"],
        subject=lambda wildcards: PLAN.simulated_subject(wildcards.scan),
    message:
        "Simulate manual readings of {wildcards.scan}"
    script:
        "../workflow_scripts/simulate_drawing.py"


rule simulate_cleaning:
    input:
        code("simulate_cleaning.py"),
        preliminary="<results>/5_small_regions/{scan}.nii.gz",
    output:
        masks=expand("<results>/0_scans/{{scan}}_{reader}_cleaned.nii.gz", reader=CONFIG["readers"] or ["-"]),
        causes="<results>/0_scans/truth/{scan}_decisions.tsv",
    log:
        "<logs>/simulate_cleaning/{scan}.log",
    conda:
        "../envs/imaging.yaml"
    params:
        simulation=CONFIG["simulation"],
        subject=lambda wildcards: PLAN.simulated_subject(wildcards.scan),
    message:
        "Simulate the cleaning of {wildcards.scan}"
    script:
        "../workflow_scripts/simulate_cleaning.py"


rule simulate_tables:
    input:
        code("simulate_tables.py"),
        subjects=f"{STUDY.folder}/subjects.tsv",
        truth=each("0_scans/truth/{scan}.json", "visits"),
        sheets=each("0_scans/{scan}_sparcc_sheets.tsv", "visits"),
    output:
        clinical="<results>/0_scans/clinical.tsv",
        sheets="<results>/0_scans/sparcc_sheets.tsv",
        scores="<results>/0_scans/scores.tsv",
    log:
        "<logs>/simulate_tables.log",
    conda:
        "../envs/imaging.yaml"
    params:
        simulation=CONFIG["simulation"],
    message:
        "Simulate patients and scores"
    script:
        "../workflow_scripts/simulate_tables.py"
