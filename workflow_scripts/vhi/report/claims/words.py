"""What can be said of a claim, and what it can rest on, as claims.tsv and the report print it."""

REPRODUCED, SAME, CONSISTENT, DIFFERS = "reproduced", "same setting", "consistent", "differs"
CONTRADICTS, AMBIGUOUS = "contradicts itself", "ambiguous"
NOT_PUBLIC, NOT_RUN = "not public", "not run"

IMAGES, HEADERS, COUNTS, TRAINED = "images", "headers", "counts of scans and readings", "networks trained here"
PUBLISHED, ASSUMED = "published counts", "published counts under an assumption"
TABLES, PRINTED, WORDS = "published tables", "printed numbers", "printed words"
SETTINGS, NOTHING, UNTRAINED = "settings", "nothing public", "nothing trained"
