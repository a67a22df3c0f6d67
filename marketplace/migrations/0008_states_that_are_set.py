"""No state stays that nothing ever set."""

from django.db import migrations, models

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
]
ENGAGEMENT = [
    ("sent", "Waiting for the performer's signature"),
    ("performer_signed", "Waiting for the company's signature"),
    ("countersigned", "Signed by both"),
    ("onboarding", "Onboarding"),
    ("active", "Active"),
    ("terminated", "Terminated"),
]


class Migration(migrations.Migration):
    dependencies = [("marketplace", "0007_a_session_whose_time_is_recorded")]

    operations = [
        migrations.AlterField(
            model_name="application",
            name="state",
            field=models.CharField(choices=APPLICATION, default="draft", max_length=20),
        ),
        migrations.AlterField(
            model_name="engagement",
            name="state",
            field=models.CharField(choices=ENGAGEMENT, default="sent", max_length=20),
        ),
        migrations.AlterField(
            model_name="session",
            name="outcome",
            field=models.CharField(
                blank=True,
                choices=SESSION,
                help_text="The state from which its time was reckoned.",
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="session",
            name="state",
            field=models.CharField(choices=SESSION, default="booked", max_length=20),
        ),
    ]
