# 8 Export: segmentations as BIDS derivatives with sidecars, and as DICOM SEG where DICOM went in (make export).
#
#   in   3b_disease_region, 5_small_regions and 6_cleaning/*, 6_cleaning/measurements.tsv; the STIR's DICOM series
#   out  all under 8_export/
#        bids/dataset_description.json README dseg.tsv    the dataset
#        bids/phenotype/vhi.tsv .json                     V_HI of every reading, as soon as none is open
#        bids/sub-*/ses-*/anat/*.nii.gz .json             segmentations, and what each was made from
#        dicom/{scan}_{what}.dcm                          DICOM SEG on the frames of the STIR


rule bids_derivative:
    input:
        code("8_bids_derivative.py"),
        image=lambda wildcards: bids_derivatives()[wildcards.derivative]["source"],
    output:
        image="<results>/8_export/bids/{derivative}.nii.gz",
        sidecar="<results>/8_export/bids/{derivative}.json",
    log:
        "<logs>/8_bids_derivative/{derivative}.log",
    wildcard_constraints:
        derivative="sub-[A-Za-z0-9]+/ses-[a-z]+/anat/[A-Za-z0-9_-]+",
    conda:
        "../envs/imaging.yaml"
    threads: 1
    resources:
        mem_mb=500,
    params:
        sidecar=lambda wildcards: bids_derivatives()[wildcards.derivative]["sidecar"],
    message:
        "Export {wildcards.derivative}"
    script:
        "../workflow_scripts/8_bids_derivative.py"


rule bids_dataset:
    input:
        code("8_bids_dataset.py"),
        measurements="<results>/6_cleaning/measurements.tsv" if all_read() else [],
    output:
        description="<results>/8_export/bids/dataset_description.json",
        readme="<results>/8_export/bids/README",
        labels="<results>/8_export/bids/dseg.tsv",
        phenotype=(
            ["<results>/8_export/bids/phenotype/vhi.tsv", "<results>/8_export/bids/phenotype/vhi.json"]
            if all_read()
            else []
        ),
    log:
        "<logs>/8_bids_dataset.log",
    conda:
        "../envs/imaging.yaml"
    threads: 1
    resources:
        mem_mb=500,
    params:
        title=CONFIG["title"],
        version=VERSION,
        data=CONFIG["data"],
    message:
        "Export the description of the dataset"
    script:
        "../workflow_scripts/8_bids_dataset.py"


rule dicom_seg:
    input:
        code("8_dicom_seg.py"),
        labels=segmentation_of,
        region="<results>/3b_disease_region/{scan}.nii.gz",
        dicom=lambda wildcards: SCANS[wildcards.scan]["stir_dicom"],
    output:
        "<results>/8_export/dicom/{scan}_{what}.dcm",
    log:
        "<logs>/8_dicom_seg/{scan}_{what}.log",
    wildcard_constraints:
        what=r"preliminary|[A-Za-z0-9]+trial\d+",
    conda:
        "../envs/dicom.yaml"
    threads: 1
    resources:
        mem_mb=1500,
    params:
        slice_axis=CONFIG["orientation"]["slice_axis"],
        version=VERSION,
    message:
        "Export {wildcards.what} of {wildcards.scan} as DICOM SEG"
    script:
        "../workflow_scripts/8_dicom_seg.py"


rule export:
    input:
        code("8_export.py"),
        files=lambda wildcards: targets_of_export(),
    output:
        "<results>/8_export/exported.tsv",
    log:
        "<logs>/8_export.log",
    conda:
        "../envs/imaging.yaml"
    threads: 1
    resources:
        mem_mb=500,
    message:
        "List what was exported"
    script:
        "../workflow_scripts/8_export.py"
