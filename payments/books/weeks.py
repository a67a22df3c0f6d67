"""Each week's entries summed by company once it is over: the lines of its journals, which from then on never change."""

from datetime import date, datetime, timedelta

from django.db import connection, transaction

from marketplace.presence.calendar import monday_of
from payments.books import calendar
from payments.books.models import SummedWeek
from payments.books.summing import SETTLES_AFTER, first_posted_at

MOST_WEEKS = 60
WEEK = timedelta(days=7)
SUM_LOCK = 7_400_015


def sum_weeks(*, at: datetime) -> int:
    """Sum every week that has been over for SETTLES_AFTER, at most MOST_WEEKS; returns how many. Safe to run again."""
    done = 0
    while done < MOST_WEEKS and _sum_next(at=at):
        done += 1
    return done


@transaction.atomic
def _sum_next(*, at: datetime) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SUM_LOCK])
    monday = _next_monday()
    if monday is None or calendar.starts(monday + WEEK) + SETTLES_AFTER > at:
        return False
    week = SummedWeek.objects.create(starts_on=monday, made_at=at)
    with connection.cursor() as cursor:
        # Whose an entry is, its legs say: by the company's own accounts, or those of a gig of its.
        cursor.execute(
            """
            WITH legs AS (
              SELECT entry.book, entry.id AS entry_id, entry.kind AS event, account.kind, account.owner,
                     posting.currency, posting.amount_minor
              FROM payments_entry entry
              JOIN payments_posting posting ON posting.book = entry.book AND posting.entry_id = entry.id
              JOIN payments_account account ON account.id = posting.account_id
              WHERE entry.posted_at >= %(since)s AND entry.posted_at < %(until)s
            ), owners AS (
              SELECT callboard_typed_id('cmp', public_id) AS owner, id AS company_id FROM accounts_company
              UNION ALL SELECT callboard_typed_id('gig', public_id), company_id FROM marketplace_gig
            ), whose AS (
              SELECT legs.book, legs.entry_id, min(owners.company_id) AS company_id
              FROM legs JOIN owners ON owners.owner = legs.owner GROUP BY 1, 2
            )
            INSERT INTO payments_journalsum (week_id, company_id, currency, event, kind, debited_minor, credited_minor)
            SELECT %(week)s, whose.company_id, currency, event, kind,
                   coalesce(sum(amount_minor) FILTER (WHERE amount_minor > 0), 0),
                   coalesce(-sum(amount_minor) FILTER (WHERE amount_minor < 0), 0)
            FROM legs LEFT JOIN whose USING (book, entry_id) GROUP BY whose.company_id, currency, event, kind
            """,
            {"since": calendar.starts(monday), "until": calendar.starts(monday + WEEK), "week": week.pk},
        )
    return True


def _next_monday() -> date | None:
    last = SummedWeek.objects.order_by("-starts_on").first()
    if last is not None:
        return last.starts_on + WEEK
    first = first_posted_at()
    return monday_of(first, zone=calendar.zone()) if first is not None else None
