"""Before the week: wallets are filled, gigs go on the board, performers are cast and sign. Each act does what is missing."""

from collections.abc import Sequence
from datetime import timedelta

from callboard.demo.doors import Json, Person, Refused
from callboard.demo.plan import PROMPTS, RATE_MINOR, SESSION_S, PlannedGig
from callboard.demo.stage import Stage, usd
from callboard.demo.waiting import until

WALLET_MINOR = 2_400_000
GIG_BUDGET_MINOR = 750_000
QUESTIONS = [
    {"text": "Which scene of yours still makes you smile?", "kind": "text", "required": True},
    {
        "text": "Are you fine with being recorded for training a language model?",
        "kind": "yes_no",
        "required": True,
    },
]
ANSWERS = [
    {"position": 1, "text": "The one where we both forgot who was the ghost."},
    {"position": 2, "text": "yes"},
]


def fund_wallets(stage: Stage) -> None:
    """Each company pays into its wallet, at Stripe's checkout; the webhook says that it landed."""
    people = stage.people
    for name, owner in people.track("Companies fund their wallets", list(people.owners.items())):
        path = f"companies/{people.company_ids[name]}/fundings"
        if not any(row["state"] != "failed" for row in owner.all(path)):
            started = owner.post(path, amount=usd(WALLET_MINOR))
            people.hands.pay(started["checkout_url"].rstrip("/").rsplit("/", 1)[-1])

    def landed() -> bool:
        return all(
            row["state"] == "available"
            for name, owner in people.owners.items()
            for row in owner.all(f"companies/{people.company_ids[name]}/fundings")
        )

    until("the wallets are funded", landed, "webhooks.sweep")


def post_gigs(stage: Stage) -> None:
    """Gigs as in the trade: 74 USD an hour, unscripted, in pairs, on light prompts. Each company's first is looked at."""
    for planned in stage.people.track("Gigs go on the board", stage.plan.gigs):
        owner, company_id = stage.of_company(planned)
        gig = stage.gig(planned) or owner.post(
            "gigs", company=company_id, questions=QUESTIONS, prompts=PROMPTS, **_fields(stage, planned)
        )
        if gig["state"] == "draft":
            owner.post(f"gigs/{gig['id']}/funding", amount=usd(GIG_BUDGET_MINOR))
            gig = owner.post(f"gigs/{gig['id']}/publish")
        if gig["state"] == "in_review":
            stage.people.talent.post(f"gigs/{gig['id']}/approve")


def _fields(stage: Stage, planned: PlannedGig) -> Json:
    return {
        "title": planned.title,
        "scene": planned.scene,
        "brief": f"{planned.scene}\n\nTwo performers, no script, one light prompt at a time. We look for real feeling "
        "under small talk: what people do with a pause, a joke that does not land, a kindness. Each session is 80 minutes "
        "with a rest when you want one. A producer is in the room and says when a prompt changes.",
        "content_notes": "Grief and break-ups may come up. Either of you may stop a scene at any time, paid.",
        "rate": usd(RATE_MINOR),
        "seats": 2,
        "openings": len(planned.performers),
        "session_s": SESSION_S,
        "sessions_planned": 20,
        "skills": ["duo", "dramatic"],
        "languages": ["en"],
        "starts_on": stage.monday,
        "ends_on": f"{stage.plan.monday + timedelta(days=60)}",
        "purposes": ["evaluation", "fine_tuning"],
    }


def cast_gigs(stage: Stage) -> None:
    """Performers apply with answers, are offered, accept; both sign."""
    stage.people.each("Apply, offer, accept, sign", stage.plan.gigs, lambda planned: _cast(stage, planned))


def _cast(stage: Stage, planned: PlannedGig) -> None:
    owner, _ = stage.of_company(planned)
    gig = stage.gig(planned)
    if gig is None:
        raise LookupError(planned.title)
    path = f"gigs/{gig['id']}/applications"
    there = len(list(owner.all(path)))
    cast = [stage.people.performers[one.number] for one in planned.performers]
    for me in cast if not there else []:
        me.post(path, note="I play in pairs, and I listen.", answers=ANSWERS)
    waiting = [
        row["id"]
        for row in owner.all(path)
        if row["state"] in ("submitted", "audition_submitted", "shortlisted")
    ]
    if waiting:
        owner.post("offers", applications=waiting, message="We loved your answers.")
    for me in cast:
        _accept_and_sign(me)
    for engagement in list(owner.all("engagements")):
        if engagement["gig"] == gig["id"] and engagement["state"] == "performer_signed":
            _sign(owner, engagement, owner.name)


def _accept_and_sign(me: Person) -> None:
    for application in list(me.all("applications")):
        if application["state"] == "offered":
            me.post(f"applications/{application['id']}/accept-offer")
    for engagement in list(me.all("engagements")):
        if engagement["state"] == "sent":
            _sign(me, engagement, me.name, grants=["evaluation"])


def _sign(who: Person, engagement: Json, name: str, *, grants: Sequence[str] = ()) -> None:
    read, path = who.get(f"engagements/{engagement['id']}/agreement"), f"engagements/{engagement['id']}/sign"
    said: Json = {"name": name, "text_sha256": read["text_sha256"]}
    if grants:
        said |= {"grants": list(grants), "uses_sha256": read["uses_sha256"]}
    try:
        who.post(path, **said)
    except Refused as no:
        if no.code != "reauthentication_required":
            raise
        who.proves_it_is_them()
        who.post(path, **said)
