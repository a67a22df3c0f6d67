"""Nothing ever set a pay run to reconciled: whether Stripe and the books agree is asked, not stored."""

from django.db import migrations, models

RUN = [
    ("draft", "Draft"),
    ("frozen", "Frozen"),
    ("approved", "Approved"),
    ("paying", "Paying"),
    ("paid", "Paid"),
    ("cancelled", "Cancelled"),
]


class Migration(migrations.Migration):
    dependencies = [("payments", "0006_a_pay_item_names_its_rail")]

    operations = [
        migrations.RemoveConstraint(model_name="payrun", name="paying_run_is_approved"),
        migrations.RemoveConstraint(model_name="payrun", name="paid_run_has_timestamp"),
        migrations.AlterField(
            model_name="payrun",
            name="state",
            field=models.CharField(choices=RUN, default="draft", max_length=12),
        ),
        migrations.AddConstraint(
            model_name="payrun",
            constraint=models.CheckConstraint(
                condition=~models.Q(state__in=["approved", "paying", "paid"])
                | (
                    models.Q(approved_by__isnull=False, approved_at__isnull=False)
                    & ~models.Q(approved_hash="")
                ),
                name="paying_run_is_approved",
            ),
        ),
        migrations.AddConstraint(
            model_name="payrun",
            constraint=models.CheckConstraint(
                condition=~models.Q(state="paid") | models.Q(paid_at__isnull=False),
                name="paid_run_has_timestamp",
            ),
        ),
    ]
