# What users ask for by name; `all` stands in the Snakefile.


rule preliminary:
    input:
        planned("preliminary_segmentations"),
    localrule: True
    message:
        "Preliminary segmentations, which readers clean"


rule normal_marrow:
    input:
        planned("marrow_comparison"),
    localrule: True
    message:
        "Drawn normal marrow beside proposals of networks"


rule training:
    input:
        planned("targets_of_training"),
    localrule: True
    message:
        "Cross-validation, test, and the ensemble for use"


rule leave_one_out:
    input:
        planned("targets_of_leave_one_out"),
    localrule: True
    message:
        "Each annotated subject by a network that has not seen it"


rule release:
    input:
        planned("targets_of_release"),
    localrule: True
    message:
        "Trained networks with checksums and model card"


rule review:
    input:
        planned("targets_of_review"),
    localrule: True
    message:
        "Pages and sheet for the visual assessment of the disease regions"


rule packs:
    input:
        planned("targets_of_packs"),
    localrule: True
    message:
        "Reading packs: a blinded page per scan"


rule notebooks:
    input:
        planned("targets_of_notebooks"),
    localrule: True
    message:
        "Notebooks, executed on the study"


rule pages:
    input:
        planned("targets_of_pages"),
    localrule: True
    message:
        "A page on each scan and on each subject"


rule summaries:
    input:
        planned("targets_of_summaries"),
    localrule: True
    message:
        "One page per subject, in plain words"
