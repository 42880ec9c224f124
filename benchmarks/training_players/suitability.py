"""May this patient have a trial at all? Red flags of a checklist, looked for in the words of the documents.

Two flags of one kind forbid it; a flag that stands after a "no" or "without" in its part of a sentence does not count.
"""

from __future__ import annotations

import re

_FLAGS: dict[str, tuple[str, ...]] = {
    "infection": (
        r"c-reactive protein (?:of )?(?:[2-9]\d|\d{3})",
        r"abscess|empyema|\bpus\b",
        r"disc ?itis|spondylodiscitis|osteomyelitis",
        r"enhancing rim|fluid in the disc",
        r"fever|temperature (?:up to |of )?3[89]|chills|night sweats|\bsweat",
        r"oozing|discharg|wound slow to close|wound.{0,20}open",
        r"antibiotic",
        r"sepsis|bacter|staphylococc",
    ),
    "instability": (
        r"\d+ mm on (?:flexion|bending)|bending (?:forward|backward) \d+ mm|bending forward",
        r"unstable|instability",
        r"slip\b|slips|listhesis|\d+ mm in front of",
        r"gaping|screws? (?:are )?loose|loosen|pseudarthrosis|non-?union|fracture",
        r"lying down i have nothing|vanishes on lying|free (?:of pain )?lying",
        r"it locks|gives way on lifting",
    ),
    "bleeding-risk": (
        r"warfarin|phenprocoumon|acenocoumarol|vitamin k antagonist",
        r"apixaban|rivaroxaban|dabigatran|edoxaban|heparin",
        r"clopidogrel|ticagrelor|prasugrel|dual (?:anti)?platelet",
        r"platelets? (?:of )?\d|thrombocytop|h(?:a)?emophilia|von willebrand",
        r"mechanical (?:mitral |aortic |heart )?valve|artificial valve",
        r"(?:must|may|can)(?: ?not|n't) be (?:stopped|paused|interrupted)|stent",
        r"\binr\b|anticoag|blood thinner|thinner",
        r"bruis|nose ?bleed|bled",
    ),
    "untreated-mood": (
        r"suicid|wish(?:es)? (?:to be dead|not to wake)|end (?:it|my life)|better off dead|not (?:want to )?wake up",
        r"(?:untreated|severe|major) depress",
        r"never (?:seen|been) (?:a |by a )?psych|no psychiatrist|refuses? (?:psych|treatment for)",
        r"not want(?:ing)? to live|can(?:not|'t) go on|nothing (?:is )?left to hope",
        r"(?:treatment|therapy) (?:was )?(?:advised|offered),? (?:but )?(?:not|never)",
        r"antidepressants? (?:was |were )?stopped",
        r"hopeless|no point in|nothing matters",
        r"psychosis|voices|delusion",
    ),
    "surgery-needed": (
        r"cauda equina|saddle",
        r"(?:increasing|progressive|growing|new) (?:weakness|paresis|palsy)|drop foot|foot drop",
        r"bladder|incontinen|retention",
        r"compress(?:es|ed|ing) the (?:cord|cauda)|cord compression|myelopath|signal change (?:in|of) the cord",
        r"large (?:herniation|sequester)|sequestrated|tumou?r|metasta",
    ),
}  # fmt: skip
_NEGATED = re.compile(r"\b(?:no|not|without|neither|nor|never had|denies|free of)\b[^,;.]{0,60}$")
_FLAGS_COUNT = 2


def why_not(words: str) -> str:
    """Return the reason to decline (a word of the action), "" where nothing speaks against a trial."""
    text = " ".join(words.lower().split())
    found = {reason: sum(_stands(flag, text) for flag in flags) for reason, flags in _FLAGS.items()}
    best = max(found, key=lambda reason: found[reason])
    return best if found[best] >= _FLAGS_COUNT else ""


def _stands(flag: str, text: str) -> bool:
    return any(
        not _NEGATED.search(text[max(match.start() - 80, 0) : match.start()]) for match in re.finditer(flag, text)
    )
