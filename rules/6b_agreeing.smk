# The reading room: what two readers left different is decided on a page. The consensus is a reading of its own, reader `consensus`; it
# never enters the agreement of readers, and is the study's V_HI where config `reading_room.vhi` says so.
#
#   in   cleaned masks of two readers; what the page made, beside the records (config `reading_room`)
#   out  6b_reading_room/agreeing/            a page per scan, list of codes
#        6b_reading_room/decisions.tsv        what was decided of each difference, and why
#        6_cleaning/consensus/{scan}.nii.gz   labels 1 and 2 of the consensus
#        6_cleaning/consensus.tsv             its V_HI, with intervals

OF_TWO = {
    name: lambda wildcards, place=place: [PLAN.cleaned_file(*keys[place]) for keys in PLAN.scans_to_agree.values()]
    for place, name in enumerate(("first", "second"))
}


rule agreeing_pages:
    input:
        code("6b_agreeing_pages.py"),
        **OF_TWO,
        template=PLAN.page_files("agreeing"),
        stir=lambda wildcards: PLAN.files_of(PLAN.scans_to_agree, "stir"),
        t1w=lambda wildcards: PLAN.files_of(PLAN.scans_to_agree, "t1w"),
    output:
        pages=update("<results>/6b_reading_room/agreeing/reading_list.tsv"),
        key=update("<results>/6b_reading_room/key/agreeing.tsv"),
    log:
        "<logs>/6b_agreeing_pages.log",
    conda:
        "../envs/reading_room.yaml"
    resources:
        mem_mb=2000,
    params:
        **OF_PAGES,
        connectivity=CONFIG["small_regions"]["connectivity"],
        scans=list(PLAN.scans_to_agree),
    message:
        "Pages on which the differences of two readers are decided"
    script:
        "../workflow_scripts/6b_agreeing_pages.py"


rule consensus:
    input:
        code("6b_consensus.py"),
        first=lambda wildcards: PLAN.cleaned_file(*PLAN.scans_to_agree[wildcards.scan][0]),
        second=lambda wildcards: PLAN.cleaned_file(*PLAN.scans_to_agree[wildcards.scan][1]),
        agreed=lambda wildcards: PLAN.agreed[wildcards.scan]["mask"],
    output:
        "<results>/6_cleaning/consensus/{scan}.nii.gz",
    log:
        "<logs>/6b_consensus/{scan}.log",
    conda:
        "../envs/reading_room.yaml"
    params:
        slice_axis=CONFIG["orientation"]["slice_axis"],
        of=lambda wildcards: PLAN.agreed[wildcards.scan]["named"],
    message:
        "Consensus of two readers on {wildcards.scan}"
    script:
        "../workflow_scripts/6b_consensus.py"


rule consensus_vhi:
    input:
        code("6b_consensus_vhi.py"),
        masks=each("6_cleaning/consensus/{scan}.nii.gz", "agreed"),
        uncertainty="<results>/6_cleaning/uncertainty.tsv",
        decisions=PLAN.decisions,
    output:
        vhi=shown("6_cleaning/consensus.tsv", "V_HI of the consensus"),
        decisions=shown("6b_reading_room/decisions.tsv", "What the consensus decided, and why"),
    log:
        "<logs>/6b_consensus_vhi.log",
    conda:
        "../envs/imaging.yaml"
    params:
        slice_axis=CONFIG["orientation"]["slice_axis"],
        connectivity=CONFIG["small_regions"]["connectivity"],
        limit=CONFIG["limits"]["vhi"],
        rule=CONFIG["limits"]["rule"],
        scans=list(PLAN.agreed),
        readers={scan: [reader for _, reader, _ in keys] for scan, keys in PLAN.scans_to_agree.items()},
    message:
        "V_HI of the consensus"
    script:
        "../workflow_scripts/6b_consensus_vhi.py"
