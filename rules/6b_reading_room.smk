# The reading room: packs in which readers clean, blinded; what came back, and how two readers differ.
#
#   in   T1w, STIR and 5_small_regions/{scan}.nii.gz; the records that readers hand in (config `reading_room`)
#   out  6b_reading_room/packs/{reader}/            what a reader gets: a page per scan, NIfTI, lists, SPARCC sheet
#        6b_reading_room/key/{reader}.tsv           which pack shows what; for the study's owner alone


rule reading_packs:
    input:
        code("6b_reading_packs.py"),
        template=PAGE_FILES,
        stir=lambda wildcards: [SCANS[scan]["stir"] for scan in scans_to_read(wildcards.reader)],
        t1w=lambda wildcards: [SCANS[scan]["t1w"] for scan in scans_to_read(wildcards.reader)],
        preliminary=lambda wildcards: expand(
            "<results>/5_small_regions/{scan}.nii.gz", scan=scans_to_read(wildcards.reader)
        ),
        suggestions=suggestions_table(),
    output:
        packs=directory("<results>/6b_reading_room/packs/{reader}"),
        key="<results>/6b_reading_room/key/{reader}.tsv",
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
        scans=lambda wildcards: scans_to_read(wildcards.reader),
        readings=lambda wildcards: readings_of(wildcards.reader),
    message:
        "Reading packs of {wildcards.reader}"
    script:
        "../workflow_scripts/6b_reading_packs.py"
