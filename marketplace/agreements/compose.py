"""The agreement: the clauses of its templates, filled with the gig's own figures. What both sign is this text, by its hash."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from kit.instants import day
from kit.money import Money
from marketplace.agreements.coverage import pay_days
from marketplace.agreements.data import Clause, Law, template
from marketplace.gigs.models import PURPOSES

PLAIN = "In plain words: "
GENERAL = "general"


def agreement(
    *,
    company: str,
    performer: str,
    title: str,
    rate: Money,
    policy: dict[str, Any],
    purposes: Sequence[str],
    exclusive: bool,
    self_directed: bool,
    starts_on: date,
    ends_on: date,
    laws: Sequence[Law] = (),
) -> str:
    """The text of one version of the terms; the same figures always give the same text."""
    first, last = (day(on, with_year=True) for on in (starts_on, ends_on))
    figures = {
        "title": title,
        "first": first,
        "last": last,
        "rate": rate.display(),
        "pay_days": str(pay_days(laws)),
        "time": _time(policy, _ALONE if self_directed else _COMPANY_ABSENT),
        "directing": _DIRECTS if self_directed else "",
        "directing_plain": _DIRECTS_PLAIN if self_directed else "",
        "calling_off": _cancellation(policy),
        "rights": _rights(purposes),
        "exclusivity": _EXCLUSIVE if exclusive else _FREE,
        "exclusivity_plain": "For the time of the gig, no like work for others." if exclusive else "None.",
    }
    head = f"# {title}\nBetween {company} (the company) and {performer} (the performer)."
    return "\n\n".join([head, *_clauses(laws, figures)])


def versions(laws: Sequence[Law]) -> dict[str, str]:
    """Which version of each template the text was made of, by its name."""
    return {key: template(key).version for key in _keys(laws)}


_COMPANY_ABSENT = "If the company does not come, the whole slot is paid."
_ALONE = "Nobody of the company need be in the room: the time is paid by who was there to play, whether the company came or not."
_DIRECTS = (
    " The performer directs each session alone: starts and stops the recording, takes the prompts of the gig in their order, and "
    "ends the session. The company may be in the room and need not; its absence is no fault of either side."
)
_DIRECTS_PLAIN = " You direct yourself: nobody of the company need be there."
_EXCLUSIVE = "For the time of the gig the performer does no like work for others."
_FREE = "The performer is free to work for others at any time, for the company's competitors too."


def _keys(laws: Sequence[Law]) -> list[str]:
    return [GENERAL, *(law.key for law in laws)]


def _clauses(laws: Sequence[Law], figures: Mapping[str, str]) -> Iterator[str]:
    for clause in template(GENERAL).clauses:
        yield _filled(clause, figures)
    for law in laws:
        for clause in template(law.key).clauses:
            yield _filled(clause, {**figures, "citation": law.citation})


def _filled(clause: Clause, figures: Mapping[str, str]) -> str:
    legal, plain = clause.legal.format_map(figures), clause.plain.format_map(figures)
    return f"## {clause.heading}\n{legal}\n{PLAIN}{plain}"


def _time(policy: dict[str, Any], absence: str) -> str:
    return (
        f"A session pays at least {_length(policy['minimum_call_s'])} to whoever comes within "
        f"{_length(policy['no_show_after_s'])} of the call. Gaps in a connection of up to {_length(policy['grace_gap_s'])} are "
        f"paid. {_rests(policy)} and holds are paid; a meal of {_length(policy['meal_min_s'])} or more is not. Overrun is "
        f"paid up to {_length(policy['overrun_limit_s'])}. {absence} "
        f"{_recovery(policy)}{_breach(policy)}"
    )


def _breach(policy: dict[str, Any]) -> str:
    pay_s = policy.get("breach_pay_s") or 0
    if not pay_s:
        return ""
    return (
        " Where a session leaves the performer without the rest that the house guarantees, or on camera for longer a day, the "
        f"company pays {_length(pay_s)} more at this rate, once for each guarantee and day."
    )


def _recovery(policy: dict[str, Any]) -> str:
    cap_bps = policy.get("recovery_cap_bps") or 0
    if not cap_bps:
        return "What was paid too much is never kept from later pay."
    share = f"{cap_bps / 100:g} %"
    return (
        "What was paid too much is not asked back: you are told, and from a week later at most "
        f"{share} of a payday is kept until it is even."
    )


def _rests(policy: dict[str, Any]) -> str:
    limit_s = policy.get("rest_limit_s")
    return "Rests" if limit_s is None else f"Rests of up to {_length(limit_s)}"


def _cancellation(policy: dict[str, Any]) -> str:
    tiers = []
    for notice_s, bps in policy["cancel_tiers"]:
        share = "nothing" if bps == 0 else f"{bps // 100} % of the minimum call"
        tiers.append(
            f"with at least {_length(notice_s)} notice, {share}" if notice_s else f"later than that, {share}"
        )
    return f"When the company calls a session off, it pays: {'; '.join(tiers)}. When the performer does, nothing is owed."


def _rights(purposes: Sequence[str]) -> str:
    refused = "; ".join(label for name, label in PURPOSES.items() if name not in purposes)
    return f"{_asked(purposes)} Everything else stays refused: {refused}."


def _asked(purposes: Sequence[str]) -> str:
    asked = "; ".join(PURPOSES[name] for name in PURPOSES if name in purposes)
    if not asked:
        return "The company asks for no use of recordings, so none is made."
    return (
        f"The company asks for these uses of recordings: {asked}. The performer grants or refuses each by itself, beside the "
        "signature; what is not granted is refused, and without any grant nothing is recorded."
    )


def _length(seconds: int) -> str:
    hours, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    parts = (
        [f"{hours} h"] * bool(hours) + [f"{minutes} min"] * bool(minutes) + [f"{seconds} s"] * bool(seconds)
    )
    return " ".join(parts) or "0 s"
