"""Each day's postings summed once it is over, so that a balance of any moment reads some thousand sums and a day of postings;
and each month's end kept by account, so that one account's balance reads a month of its own."""

from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Min

from marketplace.timekeeping.weeks import payroll_day
from payments.books import calendar
from payments.books.models import SummedDay, SummedMonth
from payments.ledger.models import Entry

# No transaction lasts so long: what carries a time of that day has committed by then.
SETTLES_AFTER = timedelta(days=1)
MOST_DAYS = 100
MOST_MONTHS = 12
SUM_LOCK = 7_400_014


def sum_days(*, at: datetime) -> int:
    """Sum every day that has been over for SETTLES_AFTER, at most MOST_DAYS of them; returns how many. Safe to run again."""
    done = 0
    while done < MOST_DAYS and _sum_next(at=at):
        done += 1
    return done


@transaction.atomic
def _sum_next(*, at: datetime) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SUM_LOCK])
    last = SummedDay.objects.order_by("-until").first()
    since = last.until if last is not None else first_posted_at()
    if since is None:
        return False
    until = calendar.midnight_after(since)
    if until + SETTLES_AFTER > at:
        return False
    day = SummedDay.objects.create(until=until, made_at=at)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH moved AS (
              SELECT posting.id, posting.currency, entry.kind AS event, account.kind, posting.amount_minor
              FROM payments_entry entry
              JOIN payments_posting posting ON posting.book = entry.book AND posting.entry_id = entry.id
              JOIN payments_account account ON account.id = posting.account_id
              WHERE entry.posted_at >= coalesce(%(since)s::timestamptz, '-infinity') AND entry.posted_at < %(until)s
            ), summed AS (
              INSERT INTO payments_daysum (day_id, currency, event, kind, debited_minor, credited_minor)
              SELECT %(day)s, currency, event, kind, coalesce(sum(amount_minor) FILTER (WHERE amount_minor > 0), 0),
                     coalesce(-sum(amount_minor) FILTER (WHERE amount_minor < 0), 0)
              FROM moved GROUP BY currency, event, kind
            )
            UPDATE payments_summedday SET last_posting = greatest(%(before)s, (SELECT coalesce(max(id), 0) FROM moved))
            WHERE id = %(day)s
            """,
            {
                "since": last.until if last is not None else None,
                "until": until,
                "day": day.pk,
                "before": last.last_posting if last is not None else 0,
            },
        )
    return True


def sum_accounts(*, at: datetime) -> int:
    """Keep every account's balance at the end of each month whose days are summed, at most MOST_MONTHS of them; returns how
    many. Safe to run again."""
    done = 0
    while done < MOST_MONTHS and _keep_next(at=at):
        done += 1
    return done


@transaction.atomic
def _keep_next(*, at: datetime) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SUM_LOCK])
    last = SummedMonth.objects.order_by("-until").first()
    first = SummedDay.objects.order_by("until").first()
    if first is None:
        return False
    inside = last.until if last is not None else first.until - timedelta(microseconds=1)
    until = calendar.starts(calendar.next_month(calendar.first_of_month(payroll_day(inside))))
    if not SummedDay.objects.filter(until=until).exists():
        return False
    month = SummedMonth.objects.create(until=until, first_posting=_first_from(until), made_at=at)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH moved AS (
              SELECT posting.account_id, sum(posting.amount_minor) AS minor
              FROM payments_entry entry
              JOIN payments_posting posting ON posting.book = entry.book AND posting.entry_id = entry.id
              WHERE entry.posted_at >= coalesce(%(since)s::timestamptz, '-infinity') AND entry.posted_at < %(until)s
              GROUP BY 1
            )
            INSERT INTO payments_accountatmonth (month_id, account_id, balance_minor)
            SELECT %(month)s, moved.account_id, moved.minor + coalesce((
              SELECT stood.balance_minor FROM payments_accountatmonth stood
              WHERE stood.account_id = moved.account_id ORDER BY stood.month_id DESC LIMIT 1), 0)
            FROM moved
            """,
            {"since": last.until if last is not None else None, "until": until, "month": month.pk},
        )
    return True


def _first_from(until: datetime) -> int:
    """At or below the id of every posting of an entry from `until` on, also of those to come."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT coalesce(
              (SELECT min(posting.id) FROM payments_entry entry
               JOIN payments_posting posting ON posting.book = entry.book AND posting.entry_id = entry.id
               WHERE entry.posted_at >= %s),
              (SELECT max(id) + 1 FROM payments_posting), 0)
            """,
            [until],
        )
        return int(cursor.fetchone()[0])


def first_posted_at() -> datetime | None:
    """Where the books begin; None before anything was posted."""
    first: datetime | None = Entry.objects.aggregate(first=Min("posted_at"))["first"]
    return first
