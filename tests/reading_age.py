"""How easily English text is read: the grade of Flesch and Kincaid (1975)."""

import re


def syllables(word: str) -> int:
    """Count the syllables of a word: groups of vowels, without a silent e at the end.

    Examples
    --------
    >>> [syllables(word) for word in ("bone", "fluid", "inflammation", "table", "the", "coloured")]
    [1, 2, 4, 2, 1, 2]
    """
    word = word.lower()
    groups = len(re.findall(r"[aeiouy]+", word)) + len(re.findall(r"(?:ui|ia)(?=[dl]|n)", word))
    if re.search(r"[^aeiouyl]e$|[^aeiouydt]ed$|[^aeiousyxzc]es$", word) and groups > 1:
        groups -= 1
    return max(groups, 1)


def grade(text: str) -> float:
    """Grade of school at which a text is understood: 0.39 words a sentence + 11.8 syllables a word - 15.59."""
    sentences = [part for part in re.split(r"[.!?:;]+\s", text.strip()) if part]
    words = re.findall(r"[A-Za-z']+", text)
    return 0.39 * len(words) / len(sentences) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59
