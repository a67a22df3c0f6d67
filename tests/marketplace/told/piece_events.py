"""What happens to a commissioned piece: each sets its world up, and returns the press that it is about."""

from collections.abc import Callable
from datetime import timedelta

from accounts.appeals import operations as appeals
from accounts.appeals.models import Appeal
from kit.money import Money
from marketplace.endings import operations as endings
from marketplace.works import commissioning, handing_in, reviewing, silence
from marketplace.works.models import Artefact, Commission
from tests import stories
from tests.marketplace.told.people import AT, House

Press = Callable[[], object]
WEEK = timedelta(days=7)
USES = ["evaluation"]
FAILS = [reviewing.Verdict(met=False, note="Shorter.")]


def _asked(house: House, *, price_minor: int = 4_000) -> Press:
    engagement = stories.an_active_engagement(house.gig, house.performer, grants=USES)
    ask = commissioning.Ask(
        title="A farewell",
        brief="Say goodbye.",
        rules=["One person"],
        price=Money(price_minor, "usd"),
        due_at=AT + WEEK,
        revisions=1,
        purposes=USES,
    )
    return lambda: commissioning.commission(engagement=engagement, ask=ask, by=house.us, at=AT)


def _piece(house: House) -> Commission:
    _asked(house)()
    return Commission.objects.get()


def _version(house: House, piece: Commission) -> Artefact:
    """As looked at: the file itself plays no part here."""
    return Artefact.objects.create(
        performer=house.performer,
        commission=piece,
        key="k" * 32,
        state="ready",
        form="webm",
        sha256="0" * 64,
        duration_ms=1_000,
        opened_at=AT,
        expires_at=AT,
        checked_at=AT,
    )


def _handed_in(house: House) -> Commission:
    piece = _piece(house)
    handing_in.submit(piece=piece, version=_version(house, piece), by=house.me, at=AT)
    return piece


def _refuses(house: House, piece: Commission) -> Press:
    said = {"reason": "off_brief", "results": FAILS, "note": "A greeting."}
    return lambda: reviewing.refuse(piece=piece, version=1, by=house.us, at=AT, **said)  # type: ignore[arg-type] # as its names say


def _appealed(house: House) -> Appeal:
    piece = _handed_in(house)
    _refuses(house, piece)()
    appeal = appeals.file(subject=piece.public_id, text="It is one.", by=house.me, at=AT)
    return appeals.take_up(appeal=appeal, by=house.talent, at=AT)


def a_piece_is_asked_for(house: House) -> Press:
    return _asked(house, price_minor=600_000)


def a_version_is_handed_in(house: House) -> Press:
    piece = _piece(house)
    version = _version(house, piece)
    return lambda: handing_in.submit(piece=piece, version=version, by=house.me, at=AT)


def a_piece_is_accepted(house: House) -> Press:
    piece = _handed_in(house)
    return lambda: reviewing.accept(piece=piece, version=1, by=house.us, at=AT)


def changes_are_asked_for(house: House) -> Press:
    piece = _handed_in(house)
    return lambda: reviewing.ask_for_changes(piece=piece, version=1, results=FAILS, by=house.us, at=AT)


def a_piece_is_refused(house: House) -> Press:
    return _refuses(house, _handed_in(house))


def a_refusal_is_appealed(house: House) -> Press:
    piece = _handed_in(house)
    _refuses(house, piece)()
    return lambda: appeals.file(subject=piece.public_id, text="It is one.", by=house.me, at=AT)


def a_refusal_stays_on_appeal(house: House) -> Press:
    appeal = _appealed(house)
    return lambda: appeals.uphold(appeal=appeal, text="A greeting.", by=house.talent, at=AT)


def a_refusal_is_taken_back_on_appeal(house: House) -> Press:
    appeal = _appealed(house)
    return lambda: appeals.reverse(appeal=appeal, text="It is one.", by=house.talent, at=AT)


def nobody_answers_a_piece(house: House) -> Press:
    _handed_in(house)
    return lambda: silence.decide(at=AT + WEEK)


def a_piece_never_comes(house: House) -> Press:
    _piece(house)
    return lambda: silence.lapse(at=AT + 2 * WEEK)


def a_piece_is_due_soon(house: House) -> Press:
    _piece(house)
    return lambda: silence.remind(at=AT + WEEK - silence.REMINDED_BEFORE)


def an_answer_is_due_soon(house: House) -> Press:
    _handed_in(house)
    return lambda: silence.remind(at=AT + WEEK - silence.REMINDED_BEFORE)


def the_company_takes_an_order_back(house: House) -> Press:
    piece = _piece(house)
    return lambda: commissioning.take_back(piece=piece, reason="Enough.", by=house.us, at=AT)


def the_performer_hands_an_order_back(house: House) -> Press:
    piece = _piece(house)
    return lambda: commissioning.take_back(piece=piece, reason="No time.", by=house.me, at=AT)


def the_company_ends_the_work_for_which_a_piece_was_asked(house: House) -> Press:
    engagement = _piece(house).engagement
    return lambda: endings.end_engagement(engagement=engagement, reason="Enough.", by=house.us, at=AT)
