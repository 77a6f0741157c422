# The reading room: packs in which readers clean, blinded; what came back, and how two readers differ.
#
#   in   T1w, STIR and 5_small_regions/{scan}.nii.gz; the records that readers hand in (config `reading_room`)
#   out  6b_reading_room/packs/{reader}/            what a reader gets: a page per scan, NIfTI, lists, SPARCC sheet
#        former_packs/{reader}-{n}/                 what a reader had before, with what was put into it
#        6b_reading_room/key/{reader}.tsv           which pack shows what; for the study's owner alone


rule reading_packs:
    input:
        code("6b_reading_packs.py"),
        template=PAGE_FILES,
        stir=lambda wildcards: [SCANS[scan]["stir"] for scan in scans_of_packs(wildcards.reader)],
        t1w=lambda wildcards: [SCANS[scan]["t1w"] for scan in scans_of_packs(wildcards.reader)],
        preliminary=lambda wildcards: expand(
            "<results>/5_small_regions/{scan}.nii.gz", scan=scans_of_packs(wildcards.reader)
        ),
    output:  # Snakemake removes a folder that is an output before it is made again, and what update() marks never
        packs=update("<results>/6b_reading_room/packs/{reader}/reading_list.tsv"),
        key=update("<results>/6b_reading_room/key/{reader}.tsv"),
    log:
        "<logs>/6b_reading_packs/{reader}.log",
    conda:
        "../envs/reading_room.yaml"
    threads: 1
    resources:
        mem_mb=2000,
    params:
        slice_axis=CONFIG["orientation"]["slice_axis"],
        connectivity=CONFIG["small_regions"]["connectivity"],
        simulated=CONFIG["simulated"],
        records=ROOM["records"],
        seed=ROOM["seed"],
        pause_s=ROOM["pause_s"],
        former=f"results/{STUDY.label}/former_packs",
        scans=lambda wildcards: scans_of_packs(wildcards.reader),
        readings=lambda wildcards: readings_of(wildcards.reader),
    message:
        "Reading packs of {wildcards.reader}"
    script:
        "../workflow_scripts/6b_reading_packs.py"


rule reading_status:
    input:
        code("6b_reading_status.py"),
        schema=RECORD_SCHEMA,
        preliminary=lambda wildcards: expand(
            "<results>/5_small_regions/{scan}.nii.gz", scan=[row["scan"] for row in readings_to_clean()]
        ),
        records=lambda wildcards: [
            row["mask"] or row["draft"] for row in readings_to_clean() if row["mask"] or row["draft"]
        ],
    output:
        report(
            "<results>/6b_reading_room/status.tsv",
            category="6 Cleaning",
            labels={"table": "Readings done, open, stale"},
            caption="captions/reading_status.rst",
        ),
    log:
        "<logs>/6b_reading_status.log",
    conda:
        "../envs/reading_room.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        slice_axis=CONFIG["orientation"]["slice_axis"],
        connectivity=CONFIG["small_regions"]["connectivity"],
        readings=readings_to_clean(),
        scans=[row["scan"] for row in readings_to_clean()],
    message:
        "Which readings are done, open, begun or stale"
    script:
        "../workflow_scripts/6b_reading_status.py"


rule audit:
    input:
        code("6b_audit.py"),
        records=lambda wildcards: cleaned_files("_record.json"),
        preliminary=[f"<results>/5_small_regions/{scan}.nii.gz" for scan, _, _ in cleaned_readings()],
    output:
        report(
            "<results>/6b_reading_room/audit.tsv",
            category="6 Cleaning",
            labels={"table": "What was removed, and why"},
            caption="captions/reading_audit.rst",
        ),
    log:
        "<logs>/6b_audit.log",
    conda:
        "../envs/imaging.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        slice_axis=CONFIG["orientation"]["slice_axis"],
        connectivity=CONFIG["small_regions"]["connectivity"],
        readings=cleaned_readings(),
    message:
        "What every reader removed, and why"
    script:
        "../workflow_scripts/6b_audit.py"


rule disagreements:
    input:
        code("6b_disagreements.py"),
        records=lambda wildcards: cleaned_files("_record.json"),
        masks=lambda wildcards: cleaned_files(".nii.gz"),
        preliminary=lambda wildcards: expand("<results>/5_small_regions/{scan}.nii.gz", scan=scans_of_two()),
    output:
        regions=report(
            "<results>/6b_reading_room/disagreements.tsv",
            category="6 Cleaning",
            labels={"table": "Regions on which readers differ"},
            caption="captions/reading_disagreements.rst",
        ),
        reasons=report(
            "<results>/6b_reading_room/disagreements_by_reason.tsv",
            category="6 Cleaning",
            labels={"table": "Disagreements by reason"},
            caption="captions/reading_disagreements.rst",
        ),
    log:
        "<logs>/6b_disagreements.log",
    conda:
        "../envs/imaging.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        slice_axis=CONFIG["orientation"]["slice_axis"],
        connectivity=CONFIG["small_regions"]["connectivity"],
        limit=CONFIG["limits"]["vhi"],
        readings=cleaned_readings(),
        scans=scans_of_two(),
    message:
        "Where two readers differ, and what it does to V_HI"
    script:
        "../workflow_scripts/6b_disagreements.py"


rule figure_disagreements:
    input:
        code("6b_figure_disagreements.py"),
        regions="<results>/6b_reading_room/disagreements.tsv",
        masks=lambda wildcards: cleaned_files(".nii.gz"),
        stir=lambda wildcards: [SCANS[scan]["stir"] for scan in scans_of_two()],
    output:
        report(
            "<results>/6b_reading_room/figure_disagreements{of}.png",
            category="6 Cleaning",
            labels={"figure": "Largest disagreements"},
            caption="captions/reading_disagreements.rst",
        ),
        "<results>/6b_reading_room/figure_disagreements{of}.svg",
    log:
        "<logs>/6b_figure_disagreements{of}.log",
    wildcard_constraints:
        of=f"|_({scan_names()})",
    conda:
        "../envs/overlays.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        slice_axis=CONFIG["orientation"]["slice_axis"],
        simulated=CONFIG["simulated"],
        scan=lambda wildcards: wildcards.of.removeprefix("_"),
        readings=cleaned_readings(),
        scans=scans_of_two(),
    message:
        "The largest disagreements of two readers, side by side"
    script:
        "../workflow_scripts/6b_figure_disagreements.py"


rule sparcc_sheets:
    input:
        code("6b_sparcc_sheets.py"),
        sheets=[path for _, path in sparcc_sheets_handed_in()],
    output:
        "<results>/6b_reading_room/sparcc_sheets.tsv",
    log:
        "<logs>/6b_sparcc_sheets.log",
    conda:
        "../envs/reading_room.yaml"
    threads: 1
    resources:
        mem_mb=500,
    params:
        records=ROOM["records"],
        readers=[reader for reader, _ in sparcc_sheets_handed_in()],
    message:
        "SPARCC sheets with scans in place of codes"
    script:
        "../workflow_scripts/6b_sparcc_sheets.py"
