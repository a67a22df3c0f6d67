"""What improvisers say they do, in the trade's words. One list for profiles, gigs and the board's filters."""

SKILLS: dict[str, str] = {
    "short-form": "Short-form",
    "long-form": "Long-form",
    "harold": "Harold",
    "duo": "Two-person scenes",
    "character": "Character work",
    "dramatic": "Dramatic improv",
    "comedy": "Comedy",
    "musical": "Musical improv",
    "physical": "Physical and clown",
    "accents": "Accents and dialects",
    "voice": "Voice acting",
    "dubbing": "Dubbing",
    "forum": "Forum and applied improv",
    "roleplay": "Simulation role-play",
    "storytelling": "Storytelling",
}

LANGUAGES: dict[str, str] = {
    "en": "English",
    "es": "Spanish",
    "fr": "French",
    "de": "German",
    "it": "Italian",
    "pt": "Portuguese",
    "nl": "Dutch",
    "ja": "Japanese",
    "ko": "Korean",
    "hi": "Hindi",
    "zh": "Chinese",
    "ar": "Arabic",
}
