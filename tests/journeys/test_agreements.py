"""Terms by the law of the place, signed by both, taken away as a PDF that any reader can check, and changed by an amendment."""

import io

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader

from tests.journeys.busy_week import BusyWeek, applies, signs
from tests.journeys.house import Person, waits_until

pytestmark = pytest.mark.long_journey
PRINTED_S = 90


def test_terms_follow_the_place_and_become_a_signed_paper(busy: BusyWeek) -> None:
    owner, company = busy.owner(2)
    ida = busy.performer(9)
    ida.does("PATCH", "me/performer", country="US", region="")
    gig = busy.posts_a_gig(
        owner,
        company,
        "A lift in Albany",
        set_aside_minor=20_000,
        sessions_planned=40,
        purposes=["evaluation", "voice_replica", "likeness_replica"],
    )
    for purpose in ("voice_replica", "likeness_replica"):
        use = "One voice and one face that read the weather in the Aria app, for two years."
        owner.does("PUT", f"gigs/{gig}/purposes/{purpose}", use=use)
    engagement = is_offered_and_accepts(owner, ida, gig)
    says_where_she_lives(ida, engagement)
    both_sign_by_page(owner, ida, engagement)
    the_paper_is_there(owner, ida, engagement)
    a_replica_takes_its_own_signature(ida, engagement)
    is_amended(owner, ida, engagement)
    the_company_moves(owner, company)
    what_the_house_decides_is_told(ida)


def is_offered_and_accepts(owner: Person, ida: Person, gig: str) -> str:
    application = applies(ida, gig)
    owner.does("POST", "offers", applications=[application])
    return str(ida.does("POST", f"applications/{application}/accept-offer")["id"])


def says_where_she_lives(ida: Person, engagement: str) -> None:
    """Asked once, before the first signature; over the API it is refused until then."""
    here = f"/engagements/{engagement}/"
    ida.proves()
    read = ida.does("GET", f"engagements/{engagement}")["terms"]["text_sha256"]
    said = {"name": ida.name, "text_sha256": read}
    ida.is_refused("POST", f"engagements/{engagement}/sign", "place_unknown", **said)
    page = ida.opens(here)
    assert "Where do you live?" in page.text
    told = ida.sends(page, f"{here}where/", country="US", region="NY")
    assert "Freelance law of New York" in told.text
    assert "In plain words" in told.text
    ida.is_refused("POST", f"engagements/{engagement}/sign", "terms_changed", **said)


def both_sign_by_page(owner: Person, ida: Person, engagement: str) -> None:
    here = f"/engagements/{engagement}/"
    assert "Signed." in ida.sends(ida.opens(here), f"{here}sign/", name=ida.name).text
    owner.proves()
    assert "Signed." in owner.sends(owner.opens(here), f"{here}sign/", name=owner.name).text


def the_paper_is_there(owner: Person, ida: Person, engagement: str) -> None:
    """For both, the same byte for byte, with one signature in it over all of it."""
    path = f"engagements/{engagement}/agreement"
    waits_until(lambda: ida.does("GET", path)["document"], "no paper", for_s=PRINTED_S)
    told = ida.does("GET", path)
    assert [row["side"] for row in told["signatures"]] == ["performer", "company"]
    assert {row["text_sha256"] for row in told["signatures"]} == {told["text_sha256"]}
    assert [row["proved_by"] for row in told["signatures"]] == ["password", "second_factor"]
    assert told["laws"][0]["key"] == "us-ny"
    page = ida.opens(f"/engagements/{engagement}/").link(rf"/versions/{told['version']}/signed\.pdf")
    taken = ida.gets(page)
    assert taken == owner.gets(page)
    by_app = owner.asks("GET", f"engagements/{engagement}/versions/{told['version']}/document")
    assert by_app.status_code == 200, by_app.text
    assert by_app.content == taken
    (signature,) = PdfFileReader(io.BytesIO(taken)).embedded_signatures
    signature.compute_integrity_info()
    assert signature.evaluate_signature_coverage().name == "ENTIRE_FILE"


def is_amended(owner: Person, ida: Person, engagement: str) -> None:
    here = f"/engagements/{engagement}/"
    assert "The new version is drawn up" in owner.sends(owner.opens(here), f"{here}raise/", rate="55.00").text
    shown = ida.opens(here).text
    assert "What version 3 changes (1)" in shown
    for person in (ida, owner):
        signs(person, engagement)
    the_paper_is_there(owner, ida, engagement)


def the_company_moves(owner: Person, company: str) -> None:
    """By its page and back over the API: what was signed stays."""
    page = owner.opens(f"/company/{company}/")
    assert "Saved." in owner.sends(page, f"/company/{company}/", seat_country="US", seat_region="IL").text
    told = owner.does("PATCH", f"companies/{company}", seat_region="NY")
    assert (told["seat_country"], told["seat_region"]) == ("US", "NY")


def a_replica_takes_its_own_signature(ida: Person, engagement: str) -> None:
    """By the page for the voice, by app for the face; with counsel or a union named, and over the words that were read."""
    here = f"/engagements/{engagement}/"
    asked = {row["purpose"]: row for row in ida.does("GET", f"engagements/{engagement}/replicas")["data"]}
    voice, face = asked["voice_replica"], asked["likeness_replica"]
    ida.proves()
    beside = {"represented_by": "union", "representative": "SAG-AFTRA"}
    typed = {"purpose": "voice_replica", "read_sha256": voice["read_sha256"], "name": ida.name}
    alone = ida.sends(ida.opens(here), f"{here}replica/", **typed, represented_by="union", representative="")
    assert alone.status == 422
    assert (
        "Signed. You can withdraw it" in ida.sends(ida.opens(here), f"{here}replica/", **typed, **beside).text
    )
    said = {"purpose": "likeness_replica", "name": ida.name, **beside}
    path = f"engagements/{engagement}/replicas"
    ida.is_refused("POST", path, "replica_changed", **said, read_sha256="0" * 64)
    granted = ida.does("POST", path, **said, read_sha256=face["read_sha256"])
    assert (granted["purpose"], granted["state"]) == ("likeness_replica", "active")


def what_the_house_decides_is_told(ida: Person) -> None:
    told = ida.opens("/how-decisions-are-made/").text
    assert "No machine rates a tape" in told
    assert "Who answers for it" in told
