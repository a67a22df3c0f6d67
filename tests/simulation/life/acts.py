"""Every kind of act of a life: how often it is tried, and the test that walks it as people do, through page or API."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.simulation.life import casting_acts as casting
from tests.simulation.life import money_acts as money
from tests.simulation.life import move_acts as move
from tests.simulation.life import standing_acts as standing
from tests.simulation.life import terms_acts as terms
from tests.simulation.life import week_acts as week
from tests.simulation.life import work_acts as work
from tests.simulation.life.life import Life
from tests.simulation.life.money_acts import Do, Purse
from tests.simulation.life.presses import Press

JOURNEYS = "tests.journeys"
CHANGES, ANSWERS = f"{JOURNEYS}.test_a_week_that_changes", f"{JOURNEYS}.test_casting_answers"
PAID, TERMS = f"{JOURNEYS}.test_a_paid_week", f"{JOURNEYS}.test_terms"
ROOM, TIME = f"{JOURNEYS}.in_the_room", f"{JOURNEYS}.about_the_time"
DISAGREES, BUSY = f"{JOURNEYS}.test_disagreeing", f"{JOURNEYS}.busy_week"
AGAIN = f"{CHANGES}:test_an_offer_is_taken_back_made_again_and_made_anew_when_it_ran_out"
PAUSES = f"{CHANGES}:test_an_engagement_is_paused_by_either_side_and_goes_on_when_that_side_says_so"
SEATS = f"{CHANGES}:test_a_seat_is_called_off_and_given_to_another_while_the_others_play"
MOVED = f"{CHANGES}:test_a_session_is_moved_once_everyone_has_agreed"
FAULT = f"{CHANGES}:test_a_fault_of_the_house_ends_a_session_and_counts_against_nobody"
BOARD = f"{ANSWERS}:test_a_gig_is_on_the_board_while_it_takes_applications"
SHORT = f"{ANSWERS}:test_applicants_are_shortlisted_declined_with_a_reason_and_offered"
BREAKS = f"{ROOM}:one_breaks_and_one_stops_on_the_page"
ABSENT = f"{ROOM}:one_stops_by_app_and_a_company_does_not_come"
HOLDS = "tests.marketplace.timekeeping.test_holds:TestAccepting"
TAKES_BACK = "tests.marketplace.timekeeping.test_answers:TestTheSideThatWasAsked"
SUSPENDED = f"{DISAGREES}:a_performer_is_suspended"


@dataclass(frozen=True)
class Act:
    """`journey`: a test, or a part of one, as module:function. Without `press`, the plan of a session brings it about."""

    journey: str
    weight: int = 0
    press: Callable[[Life], Press | None] | None = None


@dataclass(frozen=True)
class MoneyAct:
    """`journey` as above; `money` is what would be done now, None where nothing can."""

    journey: str
    weight: int
    money: Callable[[Purse], Do | None]


ACTS: dict[str, Act] = {
    "posts a gig": Act(f"{BUSY}:BusyWeek", 3, casting.posts),
    "changes a gig": Act(BOARD, 2, casting.changes),
    "pays less": Act(BOARD, 2, casting.lowers),
    "publishes": Act(BOARD, 5, casting.publishes),
    "answers for a gig": Act(
        f"{PAID}:test_a_week_of_improv_becomes_money_in_the_bank", 4, casting.is_looked_at
    ),
    "pauses a gig": Act(BOARD, 1, casting.pauses),
    "closes a gig": Act(BOARD, 1, casting.closes),
    "completes a gig": Act(BOARD, 2, casting.completes),
    "cancels a gig": Act(
        f"{ANSWERS}:test_a_gig_that_is_called_off_tells_who_applied_and_gives_its_money_back",
        1,
        casting.cancels,
    ),
    "applies": Act(f"{BUSY}:applies", 12, casting.applies),
    "withdraws": Act(
        f"{ANSWERS}:test_whoever_takes_an_application_back_is_no_longer_in_the_queue", 2, casting.withdraws
    ),
    "shortlists": Act(SHORT, 4, casting.shortlists),
    "declines": Act(SHORT, 2, casting.declines),
    "offers": Act(AGAIN, 9, casting.offers),
    "takes an offer back": Act(AGAIN, 2, casting.takes_offer_back),
    "accepts": Act(f"{BUSY}:is_engaged", 8, casting.accepts),
    "declines an offer": Act(f"{ANSWERS}:offers_are_declined", 1, casting.declines_offer),
    "signs": Act(f"{BUSY}:signs", 10, work.signs),
    "countersigns": Act(f"{BUSY}:signs", 10, work.countersigns),
    "raises": Act(f"{TERMS}:test_a_rate_rises_by_a_new_version_that_both_sign", 2, work.raises),
    "pauses work": Act(PAUSES, 2, work.pauses_work),
    "resumes work": Act(PAUSES, 4, work.resumes_work),
    "ends work": Act(f"{TERMS}:test_either_side_ends_it_and_the_other_reads_why", 2, work.ends_work),
    "books": Act(f"{ROOM}:are_booked", 14, work.books),
    "confirms a seat": Act(f"{ROOM}:are_booked", 5, work.confirms_seat),
    "calls off": Act(f"{ROOM}:are_called_off", 2, work.calls_off),
    "gives up a seat": Act(SEATS, 2, work.gives_up_seat),
    "releases a seat": Act(SEATS, 2, work.releases_seat),
    "fills a seat": Act(SEATS, 4, work.fills_seat),
    "proposes a move": Act(MOVED, 4, move.proposes_move),
    "agrees to a move": Act(MOVED, 7, move.agrees_to_move),
    "declines a move": Act(MOVED, 2, move.declines_move),
    "confirms the week": Act(f"{TIME}:the_first_confirms", 16, week.confirms_week),
    "approves a sheet": Act(f"{TIME}:the_company_approves", 3, week.approves_sheet),
    "approves the week": Act(f"{TIME}:the_company_approves", 3, week.approves_week),
    "disputes": Act(f"{TIME}:asks_for_more", 4, week.disputes),
    "disagrees": Act(f"{TIME}:is_refused_and_decided", 3, week.disagrees),
    "agrees": Act(f"{TIME}:is_agreed_to", 2, week.agrees),
    "takes a dispute back": Act(TAKES_BACK, 2, week.takes_back),
    "decides": Act(f"{TIME}:is_refused_and_decided", 2, week.decides),
    "accepts a hold": Act(HOLDS, 4, week.accepts_hold),
    "suspends": Act(SUSPENDED, 1, standing.suspends),
    "answers for bookings": Act(SUSPENDED, 3, standing.answers_for),
    "reinstates": Act(SUSPENDED, 2, standing.reinstates),
    "enters": Act(f"{ROOM}:enter_by_app"),
    "company enters": Act(f"{ROOM}:one_stops_by_app_and_a_company_does_not_come"),
    "is heard of": Act(f"{ROOM}:beat"),
    "leaves": Act(BREAKS),
    "begins a mark": Act(BREAKS),
    "ends a mark": Act(BREAKS),
    "says they came": Act(FAULT),
    "ends": Act(f"{PAID}:test_a_week_of_improv_becomes_money_in_the_bank"),
    "stops": Act(ABSENT),
    "fails": Act(FAULT),
    "company does not come": Act(ABSENT),
}
MONEY, LANDS = f"{JOURNEYS}.test_money_after_the_fact", f"{JOURNEYS}.test_where_pay_lands"
TAKEN = f"{MONEY}:test_a_companys_money_is_taken_out_taken_back_owed_and_given_up"
STRAY = f"{MONEY}:test_money_that_nobody_knows_is_said_to_be_something_by_two"
CAME_BACK = f"{MONEY}:test_pay_that_came_back_is_paid_again_and_the_performer_told"
TERMS_OF_PAYMENT = f"{JOURNEYS}.test_net_terms"
AT_PAYDAY, LINES = f"{JOURNEYS}.at_payday", f"{JOURNEYS}.test_pay_lines"
AGREED = f"{LINES}:test_what_two_agreed_on_is_paid_beside_the_weeks"
CLOSED = f"{LANDS}:test_an_account_is_closed_while_a_payout_bounces_and_the_money_arrives_all_the_same"
BESIDE = (
    f"{JOURNEYS}.test_time_in_dispute:test_what_was_approved_is_corrected_beside_once_the_other_side_agrees"
)
MONEY_ACTS: dict[str, MoneyAct] = {
    "pays in": MoneyAct(TAKEN, 3, money.pays_in),
    "money lands": MoneyAct(TAKEN, 4, money.money_lands),
    "a debit fails": MoneyAct(TAKEN, 3, money.debit_fails),
    "is refunded": MoneyAct(TAKEN, 6, money.is_refunded),
    "is disputed": MoneyAct(TAKEN, 4, money.is_disputed),
    "a dispute closes": MoneyAct(TAKEN, 4, money.dispute_closes),
    "sets aside": MoneyAct(TAKEN, 5, money.sets_aside),
    "gives a budget back": MoneyAct(TAKEN, 2, money.gives_budget_back),
    "takes money out": MoneyAct(TAKEN, 4, money.takes_out),
    "gives a debt up": MoneyAct(TAKEN, 2, money.debt_is_given_up),
    "tops up": MoneyAct(STRAY, 1, money.tops_up),
    "money strays": MoneyAct(STRAY, 1, money.strays),
    "says what it was": MoneyAct(STRAY, 3, money.stray_is_explained),
    "closes a week": MoneyAct(f"{AT_PAYDAY}:is_paid", 12, money.closes_a_week),
    "pays beside the weeks": MoneyAct(AGREED, 6, money.pays_beside_the_weeks),
    "cancels a run": MoneyAct(f"{AT_PAYDAY}:two_runs_are_cancelled", 2, money.cancels_a_run),
    "a transfer is reversed": MoneyAct(CAME_BACK, 8, money.is_reversed),
    "decides what came back": MoneyAct(CAME_BACK, 9, money.decides_what_came_back),
    "an account changes": MoneyAct(CLOSED, 2, money.account_changes),
    "an account is replaced": MoneyAct(
        f"{LANDS}:test_an_account_is_given_up_for_another_by_its_owner_or_at_finances_word",
        2,
        money.account_is_replaced,
    ),
    "takes back what was left": MoneyAct(CLOSED, 3, money.left_money_is_taken_back),
    "a bank sends it back": MoneyAct(CLOSED, 3, money.bank_sends_back),
    "lets a held item go": MoneyAct(f"{AT_PAYDAY}:what_was_refused_goes_out", 3, money.hold_is_released),
    "proposes pay": MoneyAct(AGREED, 4, money.proposes_pay),
    "answers proposed pay": MoneyAct(AGREED, 6, money.answers_pay),
    "terms are proposed": MoneyAct(f"{TERMS_OF_PAYMENT}:proposes", 3, terms.terms_are_proposed),
    "terms are answered": MoneyAct(
        f"{TERMS_OF_PAYMENT}:two_agree_after_two_that_came_to_nothing", 4, terms.terms_are_answered
    ),
    "draws on terms": MoneyAct(
        f"{TERMS_OF_PAYMENT}:the_owner_draws_up_to_the_limit", 8, terms.draws_on_terms
    ),
    "a limit is lowered": MoneyAct(
        f"{TERMS_OF_PAYMENT}:finance_lowers_replaces_and_ends", 1, terms.limit_is_lowered
    ),
    "terms end": MoneyAct(f"{TERMS_OF_PAYMENT}:finance_lowers_replaces_and_ends", 1, terms.terms_end),
    "writes to who is late": MoneyAct(
        f"{TERMS_OF_PAYMENT}:finance_sees_it_and_writes", 1, terms.writes_to_who_is_late
    ),
    "gives up what was drawn": MoneyAct(TAKEN, 1, terms.gives_up_what_was_drawn),
    "asks for a correction": MoneyAct(BESIDE, 12, money.asks_for_a_correction),
    "decides a correction": MoneyAct(BESIDE, 14, money.decides_a_correction),
}
# What nobody may: tried, and always refused.
ALWAYS_REFUSED = ("pays less",)
