"""A performer's accounts at Stripe are rows, one of them current. Those that were overwritten by the next are told by the
transfers that went to them: they come back, as replaced, and are followed."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

CLOSED = (
    "UPDATE payments_payeeaccount SET ended_at = closed_at, ended_why = 'closed' WHERE closed_at IS NOT NULL;"
)
OVERWRITTEN = """
INSERT INTO payments_payeeaccount (performer_id, stripe_id, livemode, transfers_status, payouts_status, requirements,
  bank_fingerprint, created_at, ended_at, ended_why, bank_tries, left_minor)
SELECT item.performer_id, transfer.destination, account.livemode, 'pending', 'pending', '[]', '', min(transfer.created_at),
  greatest(account.created_at, min(transfer.created_at)), 'replaced', 0, '{}'
FROM payments_transfer transfer
JOIN payments_payitem item ON item.id = transfer.item_id
JOIN payments_payeeaccount account ON account.performer_id = item.performer_id
WHERE NOT EXISTS (SELECT FROM payments_payeeaccount known WHERE known.stripe_id = transfer.destination)
GROUP BY item.performer_id, transfer.destination, account.livemode, account.created_at;
"""
THEIR_PAYOUTS = """
UPDATE payments_bankpayout payout SET account_id = account.id
FROM payments_bankpayout_transfers carried
JOIN payments_transfer transfer ON transfer.id = carried.transfer_id
JOIN payments_payeeaccount account ON account.stripe_id = transfer.destination
WHERE carried.bankpayout_id = payout.id AND payout.account_id <> account.id;
"""
# What moved before is read once at the first sweeps, the longest due first.
FOLLOWED = """
UPDATE payments_payeeaccount account SET bank_due_at = now()
WHERE account.ended_at IS NOT NULL
  OR EXISTS (SELECT FROM payments_payitem item WHERE item.performer_id = account.performer_id AND item.state = 'sent')
  OR EXISTS (SELECT FROM payments_bankpayout payout WHERE payout.account_id = account.id
       AND (payout.status IN ('pending', 'in_transit') OR (payout.status = 'paid' AND payout.arrives_on >= now()::date - 8)));
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0009_age_by_the_partner"), ("payments", "0010_pay_lines")]

    operations = [
        migrations.AddField("bankpayout", "created_at", models.DateTimeField(null=True)),
        migrations.RunSQL("UPDATE payments_bankpayout SET created_at = seen_at;", migrations.RunSQL.noop),
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE;", migrations.RunSQL.noop),
        migrations.AlterField(
            "bankpayout",
            "created_at",
            models.DateTimeField(help_text="At Stripe: of those that carry a payment, the last counts."),
        ),
        migrations.RemoveIndex("payeeaccount", "payee_refresh_due"),
        migrations.AlterField(
            "payeeaccount",
            "performer",
            models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="payee_accounts",
                to="accounts.performer",
            ),
        ),
        migrations.AlterField(
            "payeeaccount",
            "closed_at",
            models.DateTimeField(help_text="When we heard that Stripe closed it.", null=True),
        ),
        migrations.AddField(
            "payeeaccount",
            "ended_at",
            models.DateTimeField(help_text="From when on no pay goes to it.", null=True),
        ),
        migrations.AddField(
            "payeeaccount",
            "ended_why",
            models.CharField(
                blank=True,
                choices=[
                    ("closed", "Stripe closed it"),
                    ("rejected", "Stripe rejected it"),
                    ("unknown", "Stripe does not know it any more"),
                    ("replaced", "Another took its place"),
                ],
                default="",
                max_length=10,
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            "payeeaccount",
            "bank_read_at",
            models.DateTimeField(help_text="When its payouts to the bank were last read.", null=True),
        ),
        migrations.AddField(
            "payeeaccount",
            "bank_due_at",
            models.DateTimeField(
                help_text="When they are to be read again; empty while nothing moves.", null=True
            ),
        ),
        migrations.AddField("payeeaccount", "bank_tries", models.PositiveIntegerField(default=0)),
        migrations.AddField(
            "payeeaccount",
            "left_minor",
            models.JSONField(
                default=dict, help_text="Of one that ended: what lies on it, in minor units by currency."
            ),
        ),
        migrations.RunSQL(CLOSED + OVERWRITTEN + THEIR_PAYOUTS + FOLLOWED, migrations.RunSQL.noop),
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE;", migrations.RunSQL.noop),
        migrations.AddIndex(
            "payeeaccount",
            models.Index(
                condition=Q(("ended_at__isnull", True)), fields=["refresh_due_at"], name="payee_refresh_due"
            ),
        ),
        migrations.AddIndex(
            "payeeaccount",
            models.Index(
                condition=Q(("bank_due_at__isnull", False)), fields=["bank_due_at"], name="payee_bank_due"
            ),
        ),
        migrations.AddIndex(
            "payeeaccount", models.Index(fields=["performer", "-id"], name="payee_of_performer")
        ),
        migrations.AddConstraint(
            "payeeaccount",
            models.UniqueConstraint(
                condition=Q(("ended_at__isnull", True)),
                fields=["performer"],
                name="one_current_payee_account",
            ),
        ),
        migrations.AddConstraint(
            "payeeaccount",
            models.CheckConstraint(
                condition=Q(("ended_at__isnull", True), ("ended_why", ""))
                | Q(("ended_at__isnull", False), models.Q(("ended_why", ""), _negated=True)),
                name="ended_payee_account_says_why",
            ),
        ),
    ]
