"""Gigs that are as good as written: the house's templates, as data. A company changes what it likes; days and pay are its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from marketplace.gigs.operations import Fields, Question


@dataclass(frozen=True)
class Price:
    """What one use of the recordings is asked for: in words, and the bonus for granting it, in minor units."""

    use: str
    bonus_minor: int


@dataclass(frozen=True)
class Template:
    """`suits` tells a company when to take it. `prompts` are lines as `cards` reads them; `uses` say the purposes, each with its
    price."""

    id: str
    name: str
    suits: str
    fields: Fields
    questions: Sequence[Question]
    prompts: Sequence[str]
    uses: Mapping[str, Price] = field(default_factory=dict)


EVALUATION = Price("To measure how well a model follows a conversation; nothing is trained on it.", 0)
TEMPLATES: dict[str, Template] = {
    each.id: each
    for each in (
        Template(
            id="improv-pair",
            name="Improv pair",
            suits="Two people talk, and neither knows what comes next: turn-taking, interruption, feeling.",
            fields={
                "title": "Two strangers, one small problem",
                "scene": "Unscripted scenes in pairs, on one light prompt at a time",
                "brief": "Two performers meet in a room on camera. A prompt says where they are and what one of them wants; all "
                "the rest is yours. No lines to learn, no jokes to land: listen, answer, disagree, make up.\n\n"
                "A session is three or four scenes with a rest between them. A good scene has two people who want something "
                "of each other and change by the end.",
                "content_notes": "Disagreement and raised voices may come up. Nobody plays anything that they named as a boundary.",
                "seats": 2,
                "openings": 10,
                "session_s": 5_400,
                "sessions_planned": 10,
                "skills": ["duo", "long-form"],
                "languages": ["en"],
                "answer_days": 7,
            },
            questions=[
                {"text": "Tell us of a scene in which your partner surprised you. What did you do?"},
                {"text": "Have you a quiet room and a camera at eye level?", "kind": "yes_no"},
            ],
            prompts=[
                "A lift stands still between two floors.",
                "One of you returns what was lent long ago.",
                "You share a table, and both think that it is theirs.",
                "A neighbour asks for the third favour this week. // conflict",
                "You both applied for the same job, and meet in the waiting room.",
                "for one: You know already who got it.",
                "The last train is gone.",
                "You find a letter that is for neither of you.",
            ],
            uses={
                "evaluation": EVALUATION,
                "foundation_training": Price("To train speech and dialogue models on turn-taking.", 2_500),
            },
        ),
        Template(
            id="solo-monologue",
            name="Solo monologue on prompts",
            suits="One person speaks to the camera from a list of prompts: range of feeling, pace, breath.",
            fields={
                "title": "To somebody who is not here",
                "scene": "Solo monologues on a list of prompts",
                "brief": "You are alone with the camera and a deck of prompts. Each names a person and a reason to speak to "
                "them; you speak for a few minutes, unscripted, and take the next when you are ready.\n\n"
                "We look for a thought that is found while it is said. Pauses are welcome.",
                "content_notes": "Some prompts touch loss and apology; any prompt may be passed over without a word.",
                "seats": 1,
                "self_directed": True,
                "openings": 20,
                "session_s": 3_600,
                "sessions_planned": 20,
                "skills": ["storytelling", "dramatic"],
                "languages": ["en"],
                "answer_days": 5,
            },
            questions=[{"text": "Whom would you most like to play speaking to, and why?"}],
            prompts=[
                "To the teacher who was right.",
                "To the one who got away with it.",
                "To a younger you, the night before.",
                "To somebody who will never hear it. // loss",
                "A toast that begins well.",
                "Explain to a stranger why you are laughing.",
                "You call to say no, and mean to be brief.",
                "An apology that you do not owe. // guilt",
            ],
            uses={
                "evaluation": EVALUATION,
                "fine_tuning": Price("To fine-tune a model that reads feeling in a voice.", 3_000),
            },
        ),
        Template(
            id="solo-emotions",
            name="Emotions on camera, alone",
            suits="One person plays a list of feelings to the camera, take by take, and says of each which it was and how strong.",
            fields={
                "title": "A list of feelings, one face",
                "scene": "Feelings on camera, one card at a time, directed by yourself",
                "brief": "You are alone with the camera and a list of cards. Each names a moment and what it does to you; you play "
                "it without a script, as small or as large as the card says, and as often as you like. Then you take the next.\n\n"
                "We look for what happens in a face before anything is said: begin neutral, let it come, let it go. After the "
                "session you say of each take which feeling you played, and how strong.",
                "content_notes": "Some cards touch fear, anger and grief; any card may be passed over without a word.",
                "seats": 1,
                "self_directed": True,
                "openings": 20,
                "session_s": 3_600,
                "sessions_planned": 20,
                "skills": ["dramatic"],
                "languages": ["en"],
                "answer_days": 5,
            },
            questions=[
                {"text": "Which feeling comes to you late, and how do you get there?"},
                {"text": "Have you a quiet room, and light from the front?", "kind": "yes_no"},
            ],
            prompts=[
                "Joy, barely there: good news that you may not tell yet.",
                "Joy, as strong as it gets: the same news, now you may.",
                "Surprise, clear: somebody stands in the door whom you thought far away.",
                "Relief, strong: the call that you feared was about something else.",
                "Embarrassment, slight: you waved to a stranger.",
                "Sadness, slight: the last day in a place that you liked. // loss",
                "Anger, held back: you are interrupted for the third time. // conflict",
                "Fear, clear: steps behind you, and nobody there. // fear",
                "Disgust, clear: it smelled well, and then you tasted it.",
                "Neutral: you read a page that does not concern you.",
            ],
            uses={
                "evaluation": EVALUATION,
                "fine_tuning": Price("To fine-tune a model that reads feeling in a face.", 3_000),
            },
        ),
        Template(
            id="four-hander",
            name="Four-hander",
            suits="Four people at once: who speaks, who is spoken over, how a group decides.",
            fields={
                "title": "Four people and one decision",
                "scene": "Unscripted scenes for four: a group has to agree",
                "brief": "Four performers, one situation, one thing to decide before the scene ends. Two of you hold a secret "
                "objective. Talk over each other as people do; come back to each other as good players do.\n\n"
                "A session is two long scenes with a rest between them.",
                "content_notes": "Groups may turn on one of their own; it ends with the scene. It is never aimed at the person.",
                "seats": 4,
                "openings": 16,
                "session_s": 7_200,
                "sessions_planned": 6,
                "skills": ["long-form", "harold"],
                "languages": ["en"],
                "answer_days": 10,
            },
            questions=[
                {"text": "How do you make room for the quietest in a group scene?"},
                {"text": "Have you played in a cast of four or more this year?", "kind": "yes_no"},
            ],
            prompts=[
                "A family decides who tells the grandmother.",
                "Four flatmates, three rooms from May on.",
                "A jury that wants to go home. // conflict",
                "A band gives itself a new name.",
                "for one: You have already said yes for everybody.",
                "for one: You leave tomorrow, and nobody knows.",
            ],
            uses={
                "evaluation": EVALUATION,
                "foundation_training": Price("To train models on talk of several people at once.", 2_500),
                "synthesis": Price("To make synthetic group talk in which nobody can be recognised.", 1_500),
            },
        ),
    )
}
