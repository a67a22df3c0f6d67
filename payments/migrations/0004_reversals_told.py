"""What Stripe told of a reversal is kept apart from what the books have posted of it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0003_earnings"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="transfer",
            name="reversed_within_the_transfer",
        ),
        migrations.AddField(
            model_name="transfer",
            name="told_reversed_minor",
            field=models.BigIntegerField(default=0),
        ),
        migrations.RunSQL(
            "UPDATE payments_transfer SET told_reversed_minor = reversed_minor WHERE reversed_minor > 0",
            migrations.RunSQL.noop,
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("reversed_minor__gte", 0),
                    ("reversed_minor__lte", models.F("told_reversed_minor")),
                    ("told_reversed_minor__lte", models.F("amount_minor")),
                ),
                name="reversed_within_the_transfer",
            ),
        ),
    ]
