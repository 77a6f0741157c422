# 9 Pages: one on each scan, all of them in the order in which they need a look, and one on each subject.
#
#   in   scans, masks, limits, segmentations and cleaned masks of the steps before
#   out  9_pages/scans/{scan}.html .json    a scan: its pictures, limits, stability, what is expected and what is there
#        9_pages/scans.html                 all of them, sorted by review priority; opens without anything else
#        9_pages/scans_in_report.html       the same, with as many pictures as a browser opens within the report
#        9_pages/scans.tsv                  why, scan by scan
#        9_pages/subjects/{subject}.png .pdf   before and after treatment, V_HI and its change, in plain words


rule scan_page:
    input:
        code("9_scan_page.py"),
        t1w=of_scan("t1w"),
        stir=of_page("stir"),
        marrow=of_page("marrow"),
        region=of_page("region"),
        probability=of_page("probability"),
        intensities=of_page("intensities"),
        limits=of_page("limits"),
        preliminary=of_page("preliminary"),
        stability=of_page("stability"),
        cleaned=of_page("cleaned"),
        quality=of_page("quality"),
    output:
        page="<results>/9_pages/scans/{scan}.html",
        facts="<results>/9_pages/scans/{scan}.json",
    log:
        "<logs>/9_scan_page/{scan}.log",
    conda:
        "../envs/overlays.yaml"
    threads: 1
    resources:
        mem_mb=1500,
    params:
        slice_axis=CONFIG["orientation"]["slice_axis"],
        simulated=CONFIG["simulated"],
        limit=CONFIG["limits"]["vhi"],
        n_start=CONFIG["limits"]["n_start"],
        scan=lambda wildcards: scan_rows([wildcards.scan], "subject", "session", "role")[0],
        readings=lambda wildcards: first_readings([wildcards.scan]),
        masked=lambda wildcards: [reader for _, reader in cleaned_of([wildcards.scan])],
        expected=lambda wildcards: expected_of_scan(wildcards.scan),
    message:
        "Page of scan {wildcards.scan}"
    script:
        "../workflow_scripts/9_scan_page.py"


rule cohort_page:
    input:
        code("9_cohort_page.py"),
        pages=lambda wildcards: expand("<results>/9_pages/scans/{scan}.html", scan=SCANS),
        facts=lambda wildcards: expand("<results>/9_pages/scans/{scan}.json", scan=SCANS),
    output:
        page="<results>/9_pages/scans.html",
        in_report=report(
            "<results>/9_pages/scans_in_report.html",
            category="0 Overview",
            labels={"page": "Every scan, sorted by review priority"},
            caption="captions/scan_pages.rst",
        ),
        table="<results>/9_pages/scans.tsv",
    log:
        "<logs>/9_cohort_page.log",
    conda:
        "../envs/imaging.yaml"
    threads: 1
    resources:
        mem_mb=500,
    params:
        title=CONFIG["title"],
        simulated=CONFIG["simulated"],
        absent=list(STUDY.absent),
        missing_sessions=missing_sessions(STUDY.tables["scans"]),
    message:
        "Page of all scans, sorted by review priority"
    script:
        "../workflow_scripts/9_cohort_page.py"


rule patient_summary:
    input:
        code("9_patient_summary.py"),
        stir=lambda wildcards: [SCANS[scan]["stir"] for scan in summarised_scans(wildcards.subject)],
        region=lambda wildcards: expand(
            "<results>/3b_disease_region/{scan}.nii.gz", scan=summarised_scans(wildcards.subject)
        ),
        limits=lambda wildcards: expand("<results>/2_threshold/{scan}.json", scan=summarised_scans(wildcards.subject)),
        masks=lambda wildcards: list(cleaned_of(summarised_scans(wildcards.subject)).values()),
        detectable=summary_detectable(),
    output:
        report(
            "<results>/9_pages/subjects/{subject}.png",
            category="9 Summaries of subjects",
            labels={"subject": "{subject}"},
            caption="captions/patient_summary.rst",
        ),
        "<results>/9_pages/subjects/{subject}.pdf",
    log:
        "<logs>/9_patient_summary/{subject}.log",
    conda:
        "../envs/overlays.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        slice_axis=CONFIG["orientation"]["slice_axis"],
        simulated=CONFIG["simulated"],
        limit=CONFIG["limits"]["vhi"],
        scans=lambda wildcards: scan_rows(summarised_scans(wildcards.subject), "session"),
        masked=lambda wildcards: list(cleaned_of(summarised_scans(wildcards.subject))),
        readings=lambda wildcards: first_readings(summarised_scans(wildcards.subject)),
    message:
        "Summary of subject {wildcards.subject}"
    script:
        "../workflow_scripts/9_patient_summary.py"
