# The reading room: pages on which normal marrow is drawn, and disease regions are rated and corrected. What they make lies beside the
# records (config `reading_room`) and stands in for scans.tsv.
#
#   in   STIR, T1w; disease regions, a proposed patch; 3b_disease_region/ensemble/{scan}*, quality.tsv
#   out  6b_reading_room/marrow/, region/     a page per scan, list of codes
#        6b_reading_room/key/{task}.tsv       which page shows what; for the study's owner alone
#        former_packs/{task}-{n}/             pages that were there before

OF_PAGES = {
    "slice_axis": CONFIG["orientation"]["slice_axis"],
    "records": PLAN.room["records"],
    "seed": PLAN.room["seed"],
    "former": f"results/{STUDY.label}/former_packs",
    "options": {"pause_ms": 1000 * PLAN.room["pause_s"], "simulated": CONFIG["simulated"]},
}


rule marrow_pages:
    input:
        code("6b_marrow_pages.py"),
        template=PLAN.page_files("marrow"),
        stir=lambda wildcards: PLAN.files_of(PLAN.marrow_scans, "stir"),
        t1w=lambda wildcards: PLAN.files_of(PLAN.marrow_scans, "t1w"),
        limits=lambda wildcards: [PLAN.stir_of_limits(scan) for scan in PLAN.marrow_scans],
        region=lambda wildcards: [f"<results>/3b_disease_region/{scan}.nii.gz" for scan in PLAN.marrow_with_region],
        proposal=lambda wildcards: list(PLAN.marrow_proposals.values()),
    output:  # update(): Snakemake does not remove what readers work with before the new pages are there
        pages=update("<results>/6b_reading_room/marrow/reading_list.tsv"),
        key=update("<results>/6b_reading_room/key/marrow.tsv"),
    log:
        "<logs>/6b_marrow_pages.log",
    conda:
        "../envs/reading_room.yaml"
    resources:
        mem_mb=2000,
    params:
        **OF_PAGES,
        scans=PLAN.marrow_scans,
        with_region=PLAN.marrow_with_region,
        with_proposal=list(PLAN.marrow_proposals),
        settings={
            "rule": LIMIT_RULE,
            "small_regions": CONFIG["small_regions"],
            "exclude": CONFIG["normal_marrow"]["exclude_from_disease_region"],
        },
    message:
        "Pages on which normal marrow is drawn"
    script:
        "../workflow_scripts/6b_marrow_pages.py"


rule region_pages:
    input:
        code("6b_region_pages.py"),
        template=PLAN.page_files("region"),
        stir=lambda wildcards: [PLAN.scans[scan]["stir"] or PLAN.scans[scan]["t1w"] for scan in PLAN.region_scans],
        t1w=lambda wildcards: PLAN.files_of(PLAN.region_scans, "t1w"),
        region=each("3b_disease_region/ensemble/{scan}.nii.gz", "region_scans"),
        probability=each("3b_disease_region/ensemble/{scan}_probability.nii.gz", "region_scans"),
        quality="<results>/3b_disease_region/quality.tsv",
    output:
        pages=update("<results>/6b_reading_room/region/reading_list.tsv"),
        key=update("<results>/6b_reading_room/key/region.tsv"),
    log:
        "<logs>/6b_region_pages.log",
    conda:
        "../envs/reading_room.yaml"
    resources:
        mem_mb=2000,
    params:
        **OF_PAGES,
        scans=PLAN.region_scans,
        t1w_alone=[scan for scan in PLAN.region_scans if not PLAN.scans[scan]["stir"]],
    message:
        "Pages on which disease regions are rated and corrected"
    script:
        "../workflow_scripts/6b_region_pages.py"
