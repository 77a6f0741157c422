# What users ask for by name, where the plan says what it is, and the message; `all` stands in the Snakefile.

TARGETS = {
    "preliminary": ("preliminary_segmentations", "Preliminary segmentations, which readers clean"),
    "normal_marrow": ("marrow_comparison", "Drawn normal marrow beside proposals of networks"),
    "training": ("targets_of_training", "Cross-validation, test, and the ensemble for use"),
    "leave_one_out": ("targets_of_leave_one_out", "Each annotated subject by a network that has not seen it"),
    "release": ("targets_of_release", "Trained networks with checksums and model card"),
    "review": ("targets_of_review", "Pages and sheet for the visual assessment of the disease regions"),
    "packs": ("targets_of_packs", "Reading packs: a blinded page per scan"),
    "multiverse": ("targets_of_multiverse", "Outcomes under every open choice at once"),
    "manuscript": ("targets_of_manuscript", "The study as an article"),
    "read": ("targets_of_read", "Pages of all tasks of the reading room"),
    "notebooks": ("targets_of_notebooks", "Notebooks, executed on the study"),
    "pages": ("targets_of_pages", "A page on each scan and on each subject"),
    "summaries": ("targets_of_summaries", "One page per subject, in plain words"),
}

for target, (planned_as, meaning) in TARGETS.items():

    rule:
        name:
            target
        input:
            planned(planned_as),
        localrule: True
        message:
            meaning
