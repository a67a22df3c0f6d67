"""Billable time by version 2 of the rules: a person's end, knocks, the company's absence by evidence."""

from django.db import migrations, models
from django.db.models import F, Q


def keep_what_people_ended(apps, schema_editor):
    """What a provider's room ended was not ended by the rules of today; what a person ended was."""
    sessions = apps.get_model("marketplace", "Session").objects
    events = apps.get_model("accounts", "AuditEvent").objects
    for session in sessions.filter(wrapped_at__isnull=False).only("public_id", "wrapped_at").iterator():
        ends = events.filter(
            thing=str(session.public_id), verb__in=("session.wrapped", "session.safety_stopped")
        )
        if not ends.exclude(actor__startswith="system:").exists():
            sessions.filter(pk=session.pk).update(wrapped_at=None)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0011_second_factor"), ("marketplace", "0009_first_gigs_and_kept_sessions")]

    operations = [
        migrations.RenameField("session", "room_finished_at", "wrapped_at"),
        migrations.AlterField(
            "session",
            "wrapped_at",
            models.DateTimeField(blank=True, null=True, help_text="When a person ended or stopped it."),
        ),
        migrations.RunPython(keep_what_people_ended, migrations.RunPython.noop),
        migrations.AddField(
            "session",
            "no_show_found_at",
            models.DateTimeField(
                blank=True, null=True, help_text="When the evidence showed that nobody came from the company."
            ),
        ),
        # What stands was reckoned by version 1.
        migrations.AddField(
            "timeline",
            "rules_version",
            models.PositiveSmallIntegerField(default=1, help_text="Of the rules of billable time."),
        ),
        migrations.AlterField(
            "timeline",
            "rules_version",
            models.PositiveSmallIntegerField(default=2, help_text="Of the rules of billable time."),
        ),
        migrations.AlterField(
            "mark",
            "kind",
            models.CharField(
                max_length=15,
                choices=[
                    ("meal", "Meal break"),
                    ("rest", "Rest"),
                    ("hold_company", "Hold by the company"),
                    ("hold_platform", "Hold by the platform"),
                    ("arrived", "Knocked"),
                ],
            ),
        ),
        migrations.RemoveConstraint("mark", "mark_ends_after_it_starts"),
        migrations.AddConstraint(
            "mark",
            models.CheckConstraint(
                name="mark_ends_after_it_starts",
                condition=Q(ended_at__isnull=True)
                | Q(ended_at__gt=F("started_at"))
                | Q(ended_at=F("started_at"), kind="arrived"),
            ),
        ),
    ]
