"""Tell subject, session and image of a scan from the names of its file and folders."""

import re

from vhi.io.errors import InputError

ENDING = re.compile(r"(\.nii(\.gz)?|(\.seg)?\.nrrd)$")
MASK_WORDS = [
    ("disease_region_corrected", r"corrected.*disease.?region|disease.?region.*corrected"),
    ("normal_marrow", r"normal.?(bone|marrow)"),
    ("disease_region", r"disease.?region"),
]
OTHER_MASKS = re.compile(r"inflammation|cleaned|lesion|mask|seg|label|roi|probability", re.I)
STIR_WORD = re.compile(r"^(stir|tirm)\d*$", re.I)
T1W_WORD = re.compile(r"^t1(w|tse|fse|se)?$", re.I)
SESSION_WORD = re.compile(
    r"^(ses-.+|pre|post|before|after|baseline|bl|follow-?up|fu|(visit|v|week|wk|month|m|tp|fu)\d+)$", re.I
)
NOISE = re.compile(
    "scans?|images?|data|study|nii|nifti|anat|mri?|acq|run|echo|w|ax|axial|tra|transverse|cor|coronal|sag|obl|oblique|"
    "tse|fse|se|spin|turbo|fs|fatsat|[23]d|t2w?|normal|bone|marrow|disease|region|corrected|manual|automatic|test|segmentations?",
    re.I,
)


def parts_of_name(name: str) -> tuple[str, str, str] | None:
    """Tell subject, session and image from the path of a file, or None where it is no T1w, STIR or known mask.

    The file's own name is asked first, then its folders from the inside out.
    """
    image = image_named(name)
    if image is None:
        return None
    levels = [_words(part) for part in reversed(ENDING.sub("", name).split("/"))]
    everything = [word for words in levels for word in words]
    session = next((word for word in everything if SESSION_WORD.match(word)), "")
    rest = ["-".join(word for word in words if not _says_nothing_of_subject(word)) for words in levels]
    subject = next((word for word in everything if word.startswith("sub-")), next(filter(None, rest), ""))
    return (subject.removeprefix("sub-"), session.removeprefix("ses-"), image) if subject else None


def image_named(name: str) -> str | None:
    """Image that the path of a file names, from the file outwards; None where it names none, or a mask of another kind."""
    stem = ENDING.sub("", name)
    for part in reversed(stem.split("/")):
        if mask := mask_named(part):
            return mask
        words = _words(part)
        if OTHER_MASKS.search(part):
            return None
        for image, word in (("stir", STIR_WORD), ("t1w", T1W_WORD)):
            if any(word.match(text) for text in words):
                return image
    return None


def mask_named(text: str) -> str | None:
    """Mask of the study that a name stands for, or None."""
    return next((image for image, words in MASK_WORDS if re.search(words, text, re.I)), None)


def named_by(pattern: str) -> re.Pattern:
    """Compile how names are made, such as ``{subject}/{session}_{image}.nii.gz``; `InputError` where a part is missing."""
    if not {"{subject}", "{image}"} <= set(re.findall(r"\{\w+\}", pattern)):
        raise InputError(
            f"PATTERN={pattern}: expected {{subject}} and {{image}} in it, such as {{subject}}/{{session}}_{{image}}.nii.gz"
        )
    text = re.escape(pattern)
    for part in ("subject", "session", "image"):
        text = text.replace(re.escape(f"{{{part}}}"), f"(?P<{part}>[^/]+?)", 1)
        text = text.replace(re.escape(f"{{{part}}}"), f"(?P={part})")
    return re.compile(text)


def matched(pattern: re.Pattern, name: str) -> tuple[str, str, str] | None:
    """As `parts_of_name`, for names that are made by a pattern."""
    match = pattern.fullmatch(name)
    image = image_named(match["image"]) if match else None
    return (match["subject"], match.groupdict().get("session") or "", image) if image else None


def _words(part: str) -> list[str]:
    """Words of a name; ``sub-01`` and ``ses-pre`` stay whole."""
    return re.findall(r"(?:sub|ses)-[A-Za-z0-9]+|[A-Za-z0-9]+", part)


def _says_nothing_of_subject(word: str) -> bool:
    return bool(SESSION_WORD.match(word) or STIR_WORD.match(word) or T1W_WORD.match(word) or NOISE.fullmatch(word))
