# Export: segmentations as BIDS derivatives with sidecars, and as DICOM SEG where DICOM went in (make export).
#
#   in   3b_disease_region, 5_small_regions and 6_cleaning/*, 6_cleaning/measurements.tsv; the STIR's DICOM series
#   out  export/bids/dataset_description.json README dseg.tsv    the dataset
#        export/bids/phenotype/vhi.tsv .json                     V_HI of every reading, as soon as none is open
#        export/bids/sub-*/ses-*/anat/*.nii.gz .json             segmentations, and what each was made from
#        export/dicom/{scan}_{what}.dcm                          DICOM SEG on the frames of the STIR

from vhi.exchange.derivatives import bids_derivatives, exported_files, segmentation_of


rule bids_derivative:
    input:
        code("bids_derivative.py"),
        image=lambda wildcards: bids_derivatives(PLAN)[wildcards.derivative]["source"],
    output:
        image="<results>/export/bids/{derivative}.nii.gz",
        sidecar="<results>/export/bids/{derivative}.json",
    log:
        "<logs>/bids_derivative/{derivative}.log",
    wildcard_constraints:
        derivative="sub-[A-Za-z0-9]+/ses-[a-z]+/anat/[A-Za-z0-9_-]+",
    conda:
        "../envs/imaging.yaml"
    params:
        sidecar=lambda wildcards: bids_derivatives(PLAN)[wildcards.derivative]["sidecar"],
    message:
        "Export {wildcards.derivative}"
    script:
        "../workflow_scripts/bids_derivative.py"


rule bids_dataset:
    input:
        code("bids_dataset.py"),
        texts=[str(SCRIPTS / "vhi" / "exchange" / "dataset" / name) for name in ("README", "dseg.tsv", "vhi.json")],
        measurements="<results>/6_cleaning/measurements.tsv" if PLAN.all_read else [],
    output:
        description="<results>/export/bids/dataset_description.json",
        readme="<results>/export/bids/README",
        labels="<results>/export/bids/dseg.tsv",
        phenotype=[f"<results>/export/bids/phenotype/vhi.{kind}" for kind in ("tsv", "json") if PLAN.all_read],
    log:
        "<logs>/bids_dataset.log",
    conda:
        "../envs/imaging.yaml"
    params:
        title=CONFIG["title"],
        version=PLAN.version,
        data=CONFIG["data"],
    message:
        "Export the description of the dataset"
    script:
        "../workflow_scripts/bids_dataset.py"


rule dicom_seg:
    input:
        code("dicom_seg.py"),
        labels=lambda wildcards: segmentation_of(PLAN, wildcards.scan, wildcards.what),
        region="<results>/3b_disease_region/{scan}.nii.gz",
        dicom=lambda wildcards: PLAN.scans[wildcards.scan]["stir_dicom"],
    output:
        "<results>/export/dicom/{scan}_{what}.dcm",
    log:
        "<logs>/dicom_seg/{scan}_{what}.log",
    wildcard_constraints:
        what=r"preliminary|[A-Za-z0-9]+trial\d+",
    conda:
        "../envs/dicom.yaml"
    params:
        slice_axis=CONFIG["orientation"]["slice_axis"],
        version=PLAN.version,
    message:
        "Export {wildcards.what} of {wildcards.scan} as DICOM SEG"
    script:
        "../workflow_scripts/dicom_seg.py"


rule export:
    input:
        code("export.py"),
        files=lambda wildcards: [f"<results>/export/{name}" for name in exported_files(PLAN)],
    output:
        "<results>/export/exported.tsv",
    log:
        "<logs>/export.log",
    conda:
        "../envs/imaging.yaml"
    message:
        "List what was exported"
    script:
        "../workflow_scripts/export.py"
