"""The words that a label is made of. A gig chooses its emotions out of the house's list, and nobody writes another."""

from collections.abc import Mapping

EMOTIONS: Mapping[str, str] = {
    "joy": "Joy",
    "amusement": "Amusement",
    "affection": "Affection",
    "pride": "Pride",
    "relief": "Relief",
    "surprise": "Surprise",
    "longing": "Longing",
    "embarrassment": "Embarrassment",
    "sadness": "Sadness",
    "fear": "Fear",
    "anger": "Anger",
    "contempt": "Contempt",
    "disgust": "Disgust",
}
# They belong to each list: nobody has to say what they do not see.
ALWAYS: Mapping[str, str] = {"neutral": "Neutral", "other": "Another one"}
WORDS: Mapping[str, str] = {**EMOTIONS, **ALWAYS}
FEWEST_CHOSEN = 2
INTENSITIES: Mapping[int, str] = {
    1: "Barely there",
    2: "Slight",
    3: "Clear",
    4: "Strong",
    5: "As strong as it gets",
}
LOWEST, HIGHEST = min(INTENSITIES), max(INTENSITIES)
# Purposes of which a label is a part: what a model hears is learned, or tested, beside what people say of it. No replica of
# a person and no public showing takes one.
COVERS = ("evaluation", "foundation_training", "fine_tuning", "synthesis")


def in_words(emotions: list[str]) -> list[tuple[str, str]]:
    """Those of the list, in the house's order, with their words."""
    return [(name, said) for name, said in WORDS.items() if name in emotions]
