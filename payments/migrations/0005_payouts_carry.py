"""Which payments each bank payout carries: a transfer may be adopted after its payout was read."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0004_reversals_told"),
    ]

    operations = [
        migrations.AddField(
            model_name="bankpayout",
            name="carries",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=60),
                default=list,
                help_text="Payments (py_…) on the account, as Stripe lists them.",
                size=None,
            ),
        ),
    ]
