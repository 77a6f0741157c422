# The reading room: packs in which readers clean, blinded, and what has come back.
#
#   in   T1w, STIR and 5_small_regions/{scan}.nii.gz; the records that readers hand in (config `reading_room`)
#   out  6b_reading_room/packs/{reader}/       a page per scan, NIfTI, lists, SPARCC sheet
#        former_packs/{reader}-{n}/            what a reader had before, with what was put into it
#        6b_reading_room/key/{reader}.tsv      which pack shows what; for the study's owner alone
#        6b_reading_room/status.tsv, sparcc_sheets.tsv


rule reading_packs:
    input:
        code("6b_reading_packs.py"),
        template=[*PLAN.page_files("cleaning"), str(SCRIPTS / "vhi" / "reading_room" / "README.txt")],
        stir=lambda wildcards: PLAN.files_of(PLAN.scans_of_packs(wildcards.reader), "stir"),
        t1w=lambda wildcards: PLAN.files_of(PLAN.scans_of_packs(wildcards.reader), "t1w"),
        preliminary=lambda wildcards: expand(
            "<results>/5_small_regions/{scan}.nii.gz", scan=PLAN.scans_of_packs(wildcards.reader)
        ),
    output:  # Snakemake removes a folder that is an output before it is made again, and what update() marks never
        packs=update("<results>/6b_reading_room/packs/{reader}/reading_list.tsv"),
        key=update("<results>/6b_reading_room/key/{reader}.tsv"),
    log:
        "<logs>/6b_reading_packs/{reader}.log",
    conda:
        "../envs/reading_room.yaml"
    resources:
        mem_mb=2000,
    params:
        slice_axis=CONFIG["orientation"]["slice_axis"],
        connectivity=CONFIG["small_regions"]["connectivity"],
        simulated=CONFIG["simulated"],
        records=PLAN.room["records"],
        seed=PLAN.room["seed"],
        pause_s=PLAN.room["pause_s"],
        former=f"results/{STUDY.label}/former_packs",
        scans=lambda wildcards: PLAN.scans_of_packs(wildcards.reader),
        readings=lambda wildcards: PLAN.readings_of(wildcards.reader),
    message:
        "Reading packs of {wildcards.reader}"
    script:
        "../workflow_scripts/6b_reading_packs.py"


rule reading_status:
    input:
        code("6b_reading_status.py"),
        schema=PLAN.record_schema,
        preliminary=lambda wildcards: expand(
            "<results>/5_small_regions/{scan}.nii.gz", scan=[row["scan"] for row in PLAN.readings_to_clean]
        ),
        records=lambda wildcards: [
            row["mask"] or row["draft"] for row in PLAN.readings_to_clean if row["mask"] or row["draft"]
        ],
    output:
        shown("6b_reading_room/status.tsv", "Readings done, open, stale", caption="reading_status"),
    log:
        "<logs>/6b_reading_status.log",
    conda:
        "../envs/reading_room.yaml"
    params:
        slice_axis=CONFIG["orientation"]["slice_axis"],
        connectivity=CONFIG["small_regions"]["connectivity"],
        readings=PLAN.readings_to_clean,
        scans=[row["scan"] for row in PLAN.readings_to_clean],
        study=STUDY.folder,
        pages=lambda wildcards: PLAN.pages_done,  # reads what every page made: of this job alone
    message:
        "Which readings are done, open, begun or stale"
    script:
        "../workflow_scripts/6b_reading_status.py"


rule sparcc_sheets:
    input:
        code("6b_sparcc_sheets.py"),
        sheets=list(PLAN.sparcc_sheets_handed_in.values()),
    output:
        "<results>/6b_reading_room/sparcc_sheets.tsv",
    log:
        "<logs>/6b_sparcc_sheets.log",
    conda:
        "../envs/reading_room.yaml"
    params:
        records=PLAN.room["records"],
        readers=list(PLAN.sparcc_sheets_handed_in),
    message:
        "SPARCC sheets with scans in place of codes"
    script:
        "../workflow_scripts/6b_sparcc_sheets.py"


include: "6b_pages.smk"
include: "6b_agreeing.smk"
include: "6b_scoring.smk"
