"""How soon each company answers and pays: reckoned once a day, so that the board reads figures and counts nothing."""

from datetime import datetime, timedelta

from django.db import connection

from marketplace.casting.states import NOT_APPEALED
from marketplace.gigs.models import CompanyPace

OVER = timedelta(days=180)
# Below so many a median is one person's luck.
FEWEST = 3
EVERY = timedelta(days=1)

RECKON = """
    WITH answers AS (
      SELECT gig.company_id, count(*) AS many,
        percentile_cont(0.5) WITHIN GROUP (
          ORDER BY extract(epoch FROM coalesce(app.offered_at, app.decided_at) - app.submitted_at)
        ) AS median
      FROM marketplace_application AS app JOIN marketplace_gig AS gig ON gig.id = app.gig_id
      WHERE coalesce(app.offered_at, app.decided_at) > %(since)s
        AND (app.offered_at IS NOT NULL OR app.state = 'not_selected' AND NOT app.reason = ANY(%(house)s))
      GROUP BY gig.company_id
    ), pays AS (
      SELECT sheet.company_id, count(*) AS many,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM sheet.paid_at - week.ends_at)) AS median
      FROM marketplace_timesheet AS sheet JOIN marketplace_payweek AS week ON week.id = sheet.week_id
      WHERE sheet.paid_at > %(since)s
      GROUP BY sheet.company_id
    )
    INSERT INTO marketplace_companypace (company_id, answer_s, pay_s, reckoned_at)
    SELECT company.id,
      CASE WHEN answers.many >= %(fewest)s THEN greatest(answers.median, 0)::int END,
      CASE WHEN pays.many >= %(fewest)s THEN greatest(pays.median, 0)::int END,
      %(at)s
    FROM accounts_company AS company
      LEFT JOIN answers ON answers.company_id = company.id LEFT JOIN pays ON pays.company_id = company.id
    WHERE answers.many IS NOT NULL OR pays.many IS NOT NULL
      OR EXISTS (SELECT FROM marketplace_companypace AS before WHERE before.company_id = company.id)
    ON CONFLICT (company_id) DO UPDATE
      SET answer_s = excluded.answer_s, pay_s = excluded.pay_s, reckoned_at = excluded.reckoned_at
"""


def reckon(*, at: datetime) -> int:
    """The tick: once in EVERY, the medians over the last half a year; for how many companies. Twice changes nothing.

    An answer is a no that somebody gave, or an offer; a week is paid once its time sheet is.
    """
    if CompanyPace.objects.filter(reckoned_at__gt=at - EVERY).exists():
        return 0
    with connection.cursor() as cursor:
        cursor.execute(RECKON, {"since": at - OVER, "fewest": FEWEST, "house": list(NOT_APPEALED), "at": at})
        return int(cursor.rowcount)
