"""Payments of which more was taken back than came, before the house knew whose that is: asked for once more."""

from django.db import migrations

ASK = """
UPDATE payments_funding AS funding SET due_at = now()
WHERE funding.landed_at IS NULL
  AND (SELECT sum(amount_minor) FROM payments_fundingmovement WHERE funding_id = funding.id) < 0
"""


class Migration(migrations.Migration):
    dependencies = [("payments", "0023_invoices")]

    operations = [migrations.RunSQL(ASK, migrations.RunSQL.noop)]
