# The reading room: pages on which each reader scores SPARCC. Their sheet lies beside the records, and cohort.smk takes it.
#
#   in   STIR, T1w
#   out  6b_reading_room/scoring/{reader}/      a page per scan, list of codes
#        6b_reading_room/key/{reader}_scoring.tsv


rule scoring_pages:
    input:
        code("6b_scoring_pages.py"),
        template=PLAN.page_files("scoring"),
        stir=lambda wildcards: PLAN.files_of(PLAN.scans_to_score, "stir"),
        t1w=lambda wildcards: PLAN.files_of(PLAN.scans_to_score, "t1w"),
    output:
        pages=update("<results>/6b_reading_room/scoring/{reader}/reading_list.tsv"),
        key=update("<results>/6b_reading_room/key/{reader}_scoring.tsv"),
    log:
        "<logs>/6b_scoring_pages/{reader}.log",
    conda:
        "../envs/reading_room.yaml"
    resources:
        mem_mb=2000,
    params:
        **OF_PAGES,
        scans=PLAN.scans_to_score,
    message:
        "Pages on which {wildcards.reader} scores SPARCC"
    script:
        "../workflow_scripts/6b_scoring_pages.py"
