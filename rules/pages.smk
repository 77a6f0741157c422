# Pages: one per scan, all of them sorted by review priority, and one per subject.
#
#   in   scans, masks, limits, segmentations and cleaned masks of the steps
#   out  report/scans/{scan}.html .json        a scan: its pictures, limits, stability, what is expected and what is there
#        report/scans.html                     a list of all, beside the page of the one that is chosen
#        report/scans.tsv                      why, scan by scan
#        report/subjects/{subject}.png .pdf    before and after treatment, V_HI and its change, in plain words

from vhi.report.inventory import expected_of_scan, missing_sessions


rule scan_page:
    input:
        unpack(lambda wildcards: PLAN.page_inputs(wildcards.scan)),
        code("scan_page.py"),
        t1w=of_scan("t1w"),
    output:
        page="<results>/report/scans/{scan}.html",
        facts="<results>/report/scans/{scan}.json",
    log:
        "<logs>/scan_page/{scan}.log",
    conda:
        "../envs/overlays.yaml"
    params:
        slice_axis=CONFIG["orientation"]["slice_axis"],
        simulated=CONFIG["simulated"],
        limit=CONFIG["limits"]["vhi"],
        flag_below=CONFIG["ensemble"]["flag_below"],
        n_start=CONFIG["limits"]["n_start"],
        scan=lambda wildcards: PLAN.scan_rows([wildcards.scan], "subject", "session", "role")[0],
        readings=lambda wildcards: PLAN.vhi_rows([wildcards.scan]),
        masked=lambda wildcards: [reader for _, reader in PLAN.vhi_of([wildcards.scan])],
        expected=lambda wildcards: expected_of_scan(PLAN, wildcards.scan),
    message:
        "Page of scan {wildcards.scan}"
    script:
        "../workflow_scripts/scan_page.py"


rule cohort_page:
    input:
        code("cohort_page.py"),
        facts=each("report/scans/{scan}.json", "imaged"),
    output:
        page=shown(
            "report/scans.html",
            "Every scan, sorted by review priority",
            category="0 Overview",
            caption="scan_pages",
        ),
        table="<results>/report/scans.tsv",
    log:
        "<logs>/cohort_page.log",
    conda:
        "../envs/imaging.yaml"
    params:
        title=CONFIG["title"],
        simulated=CONFIG["simulated"],
        absent=list(STUDY.absent),
        missing_sessions=missing_sessions(STUDY.tables["scans"], PLAN.sessions),
    message:
        "Page of all scans, sorted by review priority"
    script:
        "../workflow_scripts/cohort_page.py"


rule patient_summary:
    input:
        code("patient_summary.py"),
        stir=lambda wildcards: [PLAN.scans[scan]["stir"] for scan in PLAN.summarised[wildcards.subject]],
        region=lambda wildcards: expand(
            "<results>/3b_disease_region/{scan}.nii.gz", scan=PLAN.summarised[wildcards.subject]
        ),
        limits=lambda wildcards: expand("<results>/2_threshold/{scan}.json", scan=PLAN.summarised[wildcards.subject]),
        masks=lambda wildcards: list(PLAN.vhi_of(PLAN.summarised[wildcards.subject]).values()),
        detectable=PLAN.detectable_change,
        uncertainty=PLAN.uncertainty_table,
        change=PLAN.change_error,
        joints=PLAN.joints_table,
    output:
        shown(
            "report/subjects/{subject}.png",
            "{subject}",
            category="9 Summaries of subjects",
            caption="patient_summary",
        ),
        "<results>/report/subjects/{subject}.pdf",
    log:
        "<logs>/patient_summary/{subject}.log",
    conda:
        "../envs/overlays.yaml"
    params:
        slice_axis=CONFIG["orientation"]["slice_axis"],
        simulated=CONFIG["simulated"],
        limit=CONFIG["limits"]["vhi"],
        language=CONFIG["language"],
        scans=lambda wildcards: PLAN.summarised_visits(wildcards.subject),
        masked=lambda wildcards: list(PLAN.vhi_of(PLAN.summarised[wildcards.subject])),
        readings=lambda wildcards: PLAN.vhi_rows(PLAN.summarised[wildcards.subject]),
    message:
        "Summary of subject {wildcards.subject}"
    script:
        "../workflow_scripts/patient_summary.py"
