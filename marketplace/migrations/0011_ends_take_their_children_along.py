"""Ends that take their children along: one seat called off, an engagement paused, a place that is free again."""

from django.db import migrations, models
from django.db.models import OuterRef, Q, Subquery

SESSION = [
    ("booked", "Booked"),
    ("confirmed", "Confirmed"),
    ("check_in", "Check-in"),
    ("live", "Live"),
    ("on_hold", "On hold"),
    ("wrapped", "Wrapped"),
    ("time_recorded", "Time recorded"),
    ("cancelled", "Cancelled"),
    ("late_cancelled", "Cancelled late"),
    ("performer_no_show", "Performer did not come"),
    ("company_no_show", "Company did not come"),
    ("safety_stopped", "Stopped for safety"),
    ("technical_failure", "Failed technically"),
]
APPLICATION = [
    ("draft", "Draft"),
    ("submitted", "Submitted"),
    ("shortlisted", "Shortlisted"),
    ("offered", "Offered"),
    ("accepted", "Accepted"),
    ("declined", "Declined by the performer"),
    ("not_selected", "Not selected"),
    ("withdrawn", "Withdrawn"),
    ("expired", "Expired"),
    ("ended", "The work has ended"),
]
ENGAGEMENT = [
    ("sent", "Waiting for the performer's signature"),
    ("performer_signed", "Waiting for the company's signature"),
    ("countersigned", "Signed by both"),
    ("onboarding", "Onboarding"),
    ("active", "Active"),
    ("paused", "Paused"),
    ("terminated", "Terminated"),
]


def free_places(apps, schema_editor):
    """The place of an engagement that ended is free."""
    ended = (
        apps.get_model("marketplace", "Engagement")
        .objects.filter(state="terminated")
        .values("application_id")
    )
    applications = apps.get_model("marketplace", "Application").objects
    applications.filter(pk__in=ended, state="accepted").update(state="ended")


def days_of_the_gig(apps, schema_editor):
    """What was signed named the days of the gig as they stood; they are what is left of them."""
    terms, gigs = apps.get_model("marketplace", "Terms").objects, apps.get_model("marketplace", "Gig").objects
    gig = gigs.filter(engagements__versions=OuterRef("pk"))
    terms.update(starts_on=Subquery(gig.values("starts_on")[:1]), ends_on=Subquery(gig.values("ends_on")[:1]))


SIGNED_STAY = """
CREATE OR REPLACE FUNCTION refuse_change_of_signed_terms() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.company_signed_at IS NOT NULL
     OR (OLD.performer_signed_at IS NOT NULL
         AND (OLD.text_sha256, OLD.text, OLD.rate_minor, OLD.policy, OLD.purposes, OLD.starts_on, OLD.ends_on,
              OLD.performer_signed_at, OLD.performer_signature)
             IS DISTINCT FROM
             (NEW.text_sha256, NEW.text, NEW.rate_minor, NEW.policy, NEW.purposes, NEW.starts_on, NEW.ends_on,
              NEW.performer_signed_at, NEW.performer_signature))
  THEN
    RAISE EXCEPTION 'signed terms are never changed; an amendment is the next version'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0011_second_factor"), ("marketplace", "0010_time_rules_2")]

    operations = [
        migrations.AlterField(
            "application", "state", models.CharField(choices=APPLICATION, default="draft", max_length=20)
        ),
        migrations.RemoveConstraint("application", "one_live_application_per_gig"),
        migrations.RunPython(free_places, migrations.RunPython.noop),
        migrations.AddConstraint(
            "application",
            models.UniqueConstraint(
                name="one_live_application_per_gig",
                fields=("gig", "performer"),
                condition=~Q(state__in=("withdrawn", "expired", "not_selected", "declined", "ended")),
            ),
        ),
        migrations.AlterField(
            "engagement", "state", models.CharField(choices=ENGAGEMENT, default="sent", max_length=20)
        ),
        migrations.AddField(
            "engagement",
            "paused_by",
            models.CharField(
                max_length=10,
                choices=[("performer", "The performer"), ("company", "The company")],
                blank=True,
                default="",
                help_text="Who takes it up again.",
            ),
            preserve_default=False,
        ),
        migrations.AddConstraint(
            "engagement",
            models.CheckConstraint(
                name="paused_engagement_says_by_whom", condition=Q(state="paused") ^ Q(paused_by="")
            ),
        ),
        migrations.AddField("terms", "starts_on", models.DateField(null=True)),
        migrations.AddField("terms", "ends_on", models.DateField(null=True)),
        # The days stand in the text that was signed; here they become figures.
        migrations.RunSQL(
            "ALTER TABLE marketplace_terms DISABLE TRIGGER signed_terms_stay", migrations.RunSQL.noop
        ),
        migrations.RunPython(days_of_the_gig, migrations.RunPython.noop),
        migrations.RunSQL(
            "ALTER TABLE marketplace_terms ENABLE TRIGGER signed_terms_stay", migrations.RunSQL.noop
        ),
        migrations.RunSQL(SIGNED_STAY, migrations.RunSQL.noop),
        migrations.AlterField(
            "terms",
            "starts_on",
            models.DateField(help_text="The first day that can be booked, where the gig plays."),
        ),
        migrations.AlterField("terms", "ends_on", models.DateField()),
        migrations.AlterField(
            "session", "state", models.CharField(choices=SESSION, default="booked", max_length=20)
        ),
        migrations.AlterField(
            "session",
            "outcome",
            models.CharField(
                blank=True,
                choices=SESSION,
                help_text="The state from which its time was reckoned.",
                max_length=20,
            ),
        ),
        migrations.AddField(
            "seat",
            "released_by",
            models.CharField(
                max_length=10,
                choices=[
                    ("company", "The company"),
                    ("performer", "A performer"),
                    ("house", "Talent operations"),
                ],
                blank=True,
                default="",
                help_text="Where the seat alone was called off.",
            ),
            preserve_default=False,
        ),
        migrations.AddConstraint(
            "seat",
            models.CheckConstraint(
                name="seat_called_off_by_whom_is_released",
                condition=Q(released_by="") | Q(released_at__isnull=False),
            ),
        ),
    ]
