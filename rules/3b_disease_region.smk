# (iii) Disease region: all bone of the imaged pelvis, on the T1w grid.
#
#   in   T1w scan, weights of the ensemble (files, trained, or by name); a drawn or corrected mask where scans.tsv names one
#   out  data/ensembles/{ensemble}/{member}                weights of an ensemble by name, each checked
#        3b_disease_region/ensemble/{scan}*                the ensemble's, its mean probability, and what it says of itself
#        3b_disease_region/{scan}.nii.gz .json             the one that is used, and where it came from
#        3b_disease_region/ensemble.tsv, resampled.tsv     the ensemble's beside the drawn ones; what another grid cost


rule download_member:
    input:
        code("3b_download_member.py"),
    output:
        "data/ensembles/{ensemble}/{member}",
    log:
        "<logs>/3b_download_member/{ensemble}_{member}.log",
    wildcard_constraints:
        ensemble="[A-Za-z0-9_-]+",
        member=r"[A-Za-z0-9_.-]+\.(pt|safetensors)",
    conda:
        "../envs/imaging.yaml"
    params:
        member=lambda wildcards: PLAN.named_member(wildcards.ensemble, wildcards.member),
    message:
        "(iii) Fetch {wildcards.member} of the pretrained ensemble '{wildcards.ensemble}'"
    script:
        "../workflow_scripts/3b_download_member.py"


rule segment_disease_region:
    input:
        code("3b_segment_disease_region.py"),
        t1w=of_scan("t1w"),
        members=PLAN.ensemble_members,
    output:
        region="<results>/3b_disease_region/ensemble/{scan}.nii.gz",
        probability="<results>/3b_disease_region/ensemble/{scan}_probability.nii.gz",
        about="<results>/3b_disease_region/ensemble/{scan}.json",
    log:
        "<logs>/3b_segment_disease_region/{scan}.log",
    conda:
        "../envs/unet.yaml"
    threads: CONFIG["ensemble"]["threads"]
    resources:
        mem_mb=2000,
    params:
        **PREDICTING,
    message:
        "(iii) Disease region of {wildcards.scan} by the ensemble"
    script:
        "../workflow_scripts/3b_segment_disease_region.py"


rule choose_disease_region:
    input:
        code("3b_choose_disease_region.py"),
        t1w=of_scan("t1w"),
        region=lambda wildcards: PLAN.chosen_region(wildcards.scan)[1],
        stir=lambda wildcards: PLAN.scans[wildcards.scan]["stir"] or [],
    output:
        region="<results>/3b_disease_region/{scan}.nii.gz",
        about="<results>/3b_disease_region/{scan}.json",
    log:
        "<logs>/3b_choose_disease_region/{scan}.log",
    conda:
        "../envs/imaging.yaml"
    params:
        slice_axis=CONFIG["orientation"]["slice_axis"],
        resample=CONFIG["disease_region"]["resample"],
        source=lambda wildcards: PLAN.chosen_region(wildcards.scan)[0],
        file=lambda wildcards: PLAN.chosen_region_file(wildcards.scan),
    message:
        "(iii) Disease region that is used for {wildcards.scan}"
    script:
        "../workflow_scripts/3b_choose_disease_region.py"


rule compare_disease_regions:
    input:
        code("3b_compare_disease_regions.py"),
        ensemble=each("3b_disease_region/ensemble/{scan}.nii.gz", "segmentable"),
        stir=lambda wildcards: [PLAN.stir_of_limits(scan) for scan in PLAN.measured_in_ensemble],
        excluded=lambda wildcards: PLAN.excluded_marrow(PLAN.measured_in_ensemble),
        limits=each("2_threshold/{scan}.json", "measured_in_ensemble"),
        drawn=lambda wildcards: [path for scan in PLAN.segmentable for path in PLAN.drawn_regions(scan).values()],
    output:
        "<results>/3b_disease_region/ensemble.tsv",
    log:
        "<logs>/3b_compare_disease_regions.log",
    conda:
        "../envs/imaging.yaml"
    params:
        slice_axis=CONFIG["orientation"]["slice_axis"],
        exclude_normal_marrow=CONFIG["normal_marrow"]["exclude_from_disease_region"],
        small_regions=CONFIG["small_regions"],
        resample=CONFIG["disease_region"]["resample"],
        scans=PLAN.segmentable_rows,
    message:
        "(iii) The ensemble's disease regions beside the drawn ones"
    script:
        "../workflow_scripts/3b_compare_disease_regions.py"


rule resampled_regions:
    input:
        code("3b_resampled_regions.py"),
        about=each("3b_disease_region/{scan}.json", "measurable"),
    output:
        shown("3b_disease_region/resampled.tsv", "Regions carried onto another grid", caption="resampled_regions"),
    log:
        "<logs>/3b_resampled_regions.log",
    conda:
        "../envs/imaging.yaml"
    message:
        "(iii) Accuracy of resampling to the STIR grid"
    script:
        "../workflow_scripts/3b_resampled_regions.py"
