import django.db.models.deletion
from django.db import migrations, models

FORWARD = """
CREATE TRIGGER document_parties_are_immutable BEFORE UPDATE OR DELETE ON payments_documentparties
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER document_parties_are_never_truncated BEFORE TRUNCATE ON payments_documentparties
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""
BACKWARD = """
DROP TRIGGER document_parties_are_never_truncated ON payments_documentparties;
DROP TRIGGER document_parties_are_immutable ON payments_documentparties;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0019_access_log"),
        ("payments", "0026_a_piece_is_paid"),
    ]

    operations = [
        migrations.CreateModel(
            name="DocumentParties",
            fields=[
                (
                    "document",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="parties",
                        serialize=False,
                        to="payments.document",
                    ),
                ),
                ("seller", models.JSONField(help_text="The house, as its setting said.")),
                ("buyer", models.JSONField(help_text="The company, as its billing details said.")),
                ("noted_at", models.DateTimeField()),
            ],
            options={
                "verbose_name_plural": "document parties",
            },
        ),
        migrations.CreateModel(
            name="BillingDetails",
            fields=[
                (
                    "company",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="billing_details",
                        serialize=False,
                        to="accounts.company",
                    ),
                ),
                (
                    "name",
                    models.CharField(help_text="The name under which it is registered.", max_length=120),
                ),
                ("street", models.CharField(blank=True, help_text="Street and number.", max_length=120)),
                ("city", models.CharField(help_text="The city of its address.", max_length=120)),
                (
                    "postal_code",
                    models.CharField(
                        blank=True, help_text="The postal code, where the address has one.", max_length=20
                    ),
                ),
                (
                    "region",
                    models.CharField(
                        blank=True,
                        help_text="A state or province, where the address has one.",
                        max_length=120,
                    ),
                ),
                ("country", models.CharField(help_text="ISO 3166.", max_length=2)),
                (
                    "vat_number",
                    models.CharField(
                        blank=True, help_text="With its country's two letters before it.", max_length=20
                    ),
                ),
                (
                    "address_scheme",
                    models.CharField(
                        blank=True,
                        help_text="By what it is found in Peppol: a code of the list EAS.",
                        max_length=4,
                    ),
                ),
                ("address_id", models.CharField(blank=True, help_text="Its number there.", max_length=50)),
                (
                    "reference",
                    models.CharField(
                        blank=True, help_text="What it wants to read on its invoices.", max_length=60
                    ),
                ),
                ("said_at", models.DateTimeField(help_text="When this was said.")),
            ],
            options={
                "verbose_name_plural": "billing details",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("name", ""), _negated=True),
                            models.Q(("city", ""), _negated=True),
                            models.Q(("country", ""), _negated=True),
                        ),
                        name="billing_details_are_enough",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("address_id", ""), ("address_scheme", "")),
                            models.Q(
                                models.Q(("address_scheme", ""), _negated=True),
                                models.Q(("address_id", ""), _negated=True),
                                models.Q(("reference", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="electronic_address_is_whole",
                    ),
                ],
            },
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
