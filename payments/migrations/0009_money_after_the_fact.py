"""Refunds, disputes, debts, reversals and corrections: the tables of money after the fact, and an item's own ranges."""

import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.comparison
from django.conf import settings
from django.db import migrations, models

import kit.ids
import kit.multirange

# Rows of before: an item's net is what it sent or, below zero, was held for; its lines lie in its run's range.
ROWS = """
UPDATE payments_payitem item SET net_minor = item.amount_minor, amount_minor = greatest(item.amount_minor, 0),
  earnings = int8multirange(run.earnings), state = CASE WHEN run.state = 'cancelled' THEN 'cancelled' ELSE item.state END
FROM payments_payrun run WHERE run.id = item.run_id;
UPDATE payments_balance balance SET floor_minor = 0 FROM payments_account account
WHERE account.id = balance.account_id AND account.kind = 'company_receivable';
INSERT INTO payments_paycut (currency, from_id)
SELECT run.currency, coalesce((
    SELECT min(earning.id) FROM payments_earning earning WHERE earning.currency = run.currency AND NOT EXISTS (
      SELECT 1 FROM payments_payitem item WHERE item.performer_id = earning.performer_id
        AND item.currency = earning.currency AND item.state <> 'cancelled' AND item.earnings @> earning.id)
  ), max(upper(run.earnings)))
FROM payments_payrun run WHERE run.state NOT IN ('draft', 'cancelled') GROUP BY run.currency;
"""
# At most once, whatever run it is in: no two items of one performer that count cover one earning.
FORWARD = """
ALTER TABLE payments_payitem ADD CONSTRAINT no_earning_in_two_live_items
  EXCLUDE USING gist (performer_id WITH =, currency WITH =, earnings WITH &&) WHERE (state <> 'cancelled');
CREATE INDEX pay_item_covers ON payments_payitem (upper(earnings)) WHERE state <> 'cancelled';
-- The earnings that are in no live item; `covered` is what of their performer's is. Only items that reach beyond `start` count.
CREATE FUNCTION payments_open_earnings(wanted text, start bigint, before bigint, chosen bigint[])
RETURNS TABLE (id bigint, book integer, line_id bigint, performer_id bigint, amount_minor bigint, fee_minor bigint,
  covered int8multirange) LANGUAGE sql STABLE AS $$
  WITH live AS (
    SELECT item.performer_id, range_agg(item.earnings) AS covered FROM payments_payitem item
    WHERE item.currency = wanted AND item.state <> 'cancelled' AND upper(item.earnings) > start GROUP BY 1
  )
  SELECT earning.id, earning.book, earning.line_id, earning.performer_id, earning.amount_minor, earning.fee_minor, live.covered
  FROM payments_earning earning LEFT JOIN live ON live.performer_id = earning.performer_id
  WHERE earning.id >= start AND earning.id < before AND earning.currency = wanted
    AND (live.covered IS NULL OR NOT live.covered @> earning.id)
    AND (chosen IS NULL OR earning.performer_id = ANY (chosen))
$$;
CREATE OR REPLACE FUNCTION ledger_open_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO payments_balance (account_id, stripe, amount_minor, ceiling_minor, floor_minor)
  SELECT NEW.id, n, 0,
    CASE WHEN NEW.kind IN ('company_wallet', 'gig_budget', 'company_withdrawing', 'performer_returned') THEN 0 END,
    CASE WHEN NEW.kind IN ('company_receivable', 'performer_overpaid') THEN 0 END
  FROM generate_series(0, NEW.stripes - 1) AS n;
  RETURN NULL;
END $$;
"""
BACKWARD = """
ALTER TABLE payments_payitem DROP CONSTRAINT no_earning_in_two_live_items;
DROP INDEX pay_item_covers;
DROP FUNCTION payments_open_earnings(text, bigint, bigint, bigint[]);
CREATE OR REPLACE FUNCTION ledger_open_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO payments_balance (account_id, stripe, amount_minor, ceiling_minor)
  SELECT NEW.id, n, 0, CASE WHEN NEW.kind IN ('company_wallet', 'gig_budget') THEN 0 END
  FROM generate_series(0, NEW.stripes - 1) AS n;
  RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0013_a_company_owes"),
        ("marketplace", "0016_review_windows_and_dispute_clocks"),
        ("payments", "0008_identity_checks"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Adjustment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", kit.ids.TypedIdField(editable=False, prefix="adj", unique=True)),
                (
                    "what",
                    models.CharField(
                        choices=[
                            ("write_off", "A debt is given up"),
                            ("stray_float", "Stray money is the house's own"),
                            ("stray_loss", "Stray money is a loss"),
                            ("stray_company", "Stray money is a company's"),
                            ("fees_to_float", "Settled fees become the house's own money"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("proposed", "Waits for a second person"),
                            ("approved", "In the books"),
                            ("declined", "Declined"),
                            ("withdrawn", "Taken back"),
                        ],
                        default="proposed",
                        max_length=10,
                    ),
                ),
                (
                    "amount_minor",
                    models.BigIntegerField(
                        help_text="Signed as the balance at Stripe saw it, of stray money."
                    ),
                ),
                ("currency", models.CharField(max_length=3)),
                ("reason", models.CharField(max_length=500)),
                ("proposed_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(null=True)),
                ("answer", models.CharField(blank=True, help_text="Why it was declined.", max_length=500)),
            ],
        ),
        migrations.CreateModel(
            name="Comparison",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", kit.ids.TypedIdField(editable=False, prefix="rec", unique=True)),
                ("currency", models.CharField(max_length=3)),
                ("stripe_minor", models.BigIntegerField()),
                ("books_minor", models.BigIntegerField()),
                ("rows", models.PositiveIntegerField(help_text="Balance transactions read for it.")),
                ("unexplained", models.PositiveIntegerField()),
                (
                    "differs",
                    models.JSONField(
                        default=list, help_text="What differs, one sentence each; the first hundred."
                    ),
                ),
                ("made_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="FundingMovement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "stripe_id",
                    models.CharField(
                        help_text="The balance transaction (txn_…).", max_length=60, unique=True
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("payment", "Paid in"),
                            ("refund", "Given back"),
                            ("refund_failed", "Came back, as it could not be given back"),
                            ("dispute", "Taken back in a dispute"),
                            ("dispute_won", "A dispute was won"),
                            ("payment_failed", "The payment failed after all"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "source",
                    models.CharField(help_text="The charge, refund or dispute behind it.", max_length=60),
                ),
                ("amount_minor", models.BigIntegerField(help_text="Signed as the company sees it.")),
                (
                    "fee_minor",
                    models.BigIntegerField(default=0, help_text="What Stripe kept of it, or beside it."),
                ),
                ("heard_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Overpayment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", kit.ids.TypedIdField(editable=False, prefix="ovp", unique=True)),
                ("currency", models.CharField(max_length=3)),
                ("amount_minor", models.BigIntegerField()),
                ("told_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="PayCut",
            fields=[
                ("currency", models.CharField(max_length=3, primary_key=True, serialize=False)),
                ("from_id", models.BigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="Refund",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", kit.ids.TypedIdField(editable=False, prefix="rfd", unique=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("unknown", "Unknown"),
                            ("sent", "Given back"),
                            ("refused", "Back in the wallet"),
                            ("came_back", "The bank sent it back"),
                        ],
                        default="unknown",
                        max_length=10,
                    ),
                ),
                ("amount_minor", models.BigIntegerField()),
                (
                    "generation",
                    models.PositiveIntegerField(
                        default=1, help_text="Counts definite refusals that are tried again."
                    ),
                ),
                ("refund_id", models.CharField(blank=True, max_length=60)),
                (
                    "first_sent_at",
                    models.DateTimeField(help_text="First sending of this generation.", null=True),
                ),
                ("due_at", models.DateTimeField(null=True)),
                ("tries", models.PositiveIntegerField(default=0)),
                ("refusal", models.CharField(blank=True, max_length=500)),
                ("ended_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Repayment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kept",
                    models.BooleanField(
                        help_text="Kept from the item's net; else from what came back of it."
                    ),
                ),
                ("amount_minor", models.BigIntegerField()),
                ("made_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="ReturnDecision",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", kit.ids.TypedIdField(editable=False, prefix="rtd", unique=True)),
                (
                    "what",
                    models.CharField(
                        choices=[("pay_again", "Pay again"), ("too_much", "It was too much")], max_length=10
                    ),
                ),
                ("amount_minor", models.BigIntegerField()),
                ("reason", models.CharField(max_length=500)),
                ("decided_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="StripeRow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", kit.ids.TypedIdField(editable=False, prefix="sbt", unique=True)),
                (
                    "stripe_id",
                    models.CharField(
                        help_text="The balance transaction (txn_…).", max_length=60, unique=True
                    ),
                ),
                ("type", models.CharField(max_length=60)),
                ("source", models.CharField(blank=True, max_length=60)),
                ("amount_minor", models.BigIntegerField()),
                ("fee_minor", models.BigIntegerField(default=0)),
                ("currency", models.CharField(max_length=3)),
                ("created_at", models.DateTimeField(help_text="At Stripe.")),
                ("heard_at", models.DateTimeField()),
                (
                    "how",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("funding", "A company's payment, refund or dispute"),
                            ("transfer", "Pay that was sent"),
                            ("reversal", "Pay that came back"),
                            ("house", "The house's own money"),
                            ("suspense", "Nothing that a rule knows"),
                        ],
                        help_text="Empty until it is explained.",
                        max_length=10,
                    ),
                ),
                ("explained_at", models.DateTimeField(null=True)),
                (
                    "is_decided",
                    models.BooleanField(
                        default=False, help_text="Of what lay in suspense: two people said what it is."
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Withdrawal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", kit.ids.TypedIdField(editable=False, prefix="wdr", unique=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("going", "On its way"),
                            ("sent", "Given back"),
                            ("part", "Given back in part"),
                            ("refused", "Back in the wallet"),
                        ],
                        default="going",
                        max_length=10,
                    ),
                ),
                ("amount_minor", models.BigIntegerField()),
                ("currency", models.CharField(max_length=3)),
                (
                    "request_id",
                    models.CharField(help_text="A repeated press is one withdrawal.", max_length=120),
                ),
                ("asked_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="payitem",
            name="one_item_per_performer_and_run",
        ),
        migrations.RemoveConstraint(
            model_name="payitem",
            name="sent_item_has_a_transfer",
        ),
        migrations.RemoveConstraint(
            model_name="payitem",
            name="only_positive_items_are_sent",
        ),
        migrations.RemoveConstraint(
            model_name="payrun",
            name="one_live_run_per_week",
        ),
        migrations.RemoveConstraint(
            model_name="payrun",
            name="no_earning_in_two_live_runs",
        ),
        migrations.RemoveConstraint(
            model_name="payrun",
            name="frozen_run_is_whole",
        ),
        migrations.AddField(
            model_name="balance",
            name="floor_minor",
            field=models.BigIntegerField(
                help_text="A debt cannot be paid twice: its balance stays at or above 0.", null=True
            ),
        ),
        migrations.AddField(
            model_name="funding",
            name="in_dispute",
            field=models.BooleanField(
                default=False,
                help_text="A dispute of it is open or was lost: nothing of it can be given back.",
            ),
        ),
        migrations.AddField(
            model_name="payitem",
            name="earnings",
            field=kit.multirange.MultiRangeField(
                help_text="Half-open ranges of earning ids: those of its performer in them.", null=True
            ),
        ),
        migrations.AddField(
            model_name="payitem",
            name="first_generation",
            field=models.PositiveIntegerField(default=1),
        ),
        migrations.AddField(
            model_name="payitem",
            name="net_minor",
            field=models.BigIntegerField(default=0),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="payitem",
            name="pays_again",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="paid_again_by",
                to="payments.payitem",
            ),
        ),
        migrations.AddField(
            model_name="payitem",
            name="recovered_minor",
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="payrun",
            name="chosen",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.BigIntegerField(),
                default=list,
                help_text="The performers that an off-cycle run pays.",
                size=None,
            ),
        ),
        migrations.AddField(
            model_name="payrun",
            name="off_cycle",
            field=models.PositiveIntegerField(
                help_text="Its number, where it is a run beside the weeks' own.", null=True, unique=True
            ),
        ),
        migrations.AddField(
            model_name="payrun",
            name="reason",
            field=models.CharField(blank=True, help_text="Why it runs beside the weeks.", max_length=500),
        ),
        migrations.AddField(
            model_name="transfer",
            name="reversed_at",
            field=models.DateTimeField(help_text="When the first of it came back, as we heard.", null=True),
        ),
        migrations.AlterField(
            model_name="account",
            name="kind",
            field=models.CharField(
                choices=[
                    ("stripe_balance", "stripe_balance"),
                    ("company_incoming", "company_incoming"),
                    ("company_wallet", "company_wallet"),
                    ("gig_budget", "gig_budget"),
                    ("company_withdrawing", "company_withdrawing"),
                    ("company_receivable", "company_receivable"),
                    ("performer_payable", "performer_payable"),
                    ("payouts_in_flight", "payouts_in_flight"),
                    ("performer_returned", "performer_returned"),
                    ("performer_overpaid", "performer_overpaid"),
                    ("platform_fees", "platform_fees"),
                    ("platform_losses", "platform_losses"),
                    ("stripe_fees", "stripe_fees"),
                    ("stripe_float", "stripe_float"),
                    ("suspense", "suspense"),
                ],
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="funding",
            name="landed_at",
            field=models.DateTimeField(help_text="When what was left of it began to count.", null=True),
        ),
        migrations.AlterField(
            model_name="funding",
            name="state",
            field=models.CharField(
                choices=[
                    ("started", "Waiting for payment"),
                    ("processing", "On its way"),
                    ("pending", "Paid, not yet available"),
                    ("available", "In the wallet"),
                    ("failed", "Failed"),
                    ("refunded", "Given back"),
                    ("disputed", "Disputed"),
                    ("lost", "Lost in a dispute"),
                ],
                default="started",
                max_length=12,
            ),
        ),
        migrations.AlterField(
            model_name="payitem",
            name="state",
            field=models.CharField(
                choices=[
                    ("ready", "Ready"),
                    ("sending", "Sending"),
                    ("sent", "Sent"),
                    ("settled", "In the bank"),
                    ("held", "Held"),
                    ("reversed", "Came back"),
                    ("cancelled", "Cancelled with its run"),
                ],
                default="ready",
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="payrun",
            name="earnings",
            field=django.contrib.postgres.fields.ranges.BigIntegerRangeField(
                help_text="Half-open range of earning ids, of runs frozen before each item had its own.",
                null=True,
            ),
        ),
        migrations.RunSQL(ROWS, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="balance",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("floor_minor", None), ("amount_minor__gte", models.F("floor_minor")), _connector="OR"
                ),
                name="debt_is_not_paid_twice",
            ),
        ),
        migrations.AddConstraint(
            model_name="payitem",
            constraint=models.UniqueConstraint(
                condition=models.Q(("pays_again", None)),
                fields=("run", "performer", "currency"),
                name="one_item_per_performer_and_run",
            ),
        ),
        migrations.AddConstraint(
            model_name="payitem",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "cancelled"), _negated=True),
                fields=("natural_key", "first_generation"),
                name="one_item_per_first_generation",
            ),
        ),
        migrations.AddConstraint(
            model_name="payitem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        (
                            "amount_minor",
                            django.db.models.functions.comparison.Greatest(models.F("net_minor"), 0),
                        ),
                        ("pays_again", None),
                        ("recovered_minor", 0),
                    ),
                    models.Q(
                        ("net_minor__gt", 0),
                        ("pays_again", None),
                        ("recovered_minor__gt", 0),
                        (
                            "amount_minor",
                            django.db.models.expressions.CombinedExpression(
                                models.F("net_minor"), "-", models.F("recovered_minor")
                            ),
                        ),
                    ),
                    models.Q(
                        ("earnings", None),
                        ("net_minor", 0),
                        ("pays_again__isnull", False),
                        ("recovered_minor", 0),
                    ),
                    _connector="OR",
                ),
                name="item_and_recovered_is_its_net",
            ),
        ),
        migrations.AddConstraint(
            model_name="payitem",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_minor__gte", 0)), name="item_sends_no_less_than_nothing"
            ),
        ),
        migrations.AddConstraint(
            model_name="payitem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["sent", "settled", "reversed"]), _negated=True),
                    models.Q(models.Q(("transfer_id", ""), _negated=True), ("sent_at__isnull", False)),
                    models.Q(("amount_minor", 0), ("settled_at__isnull", False), ("state", "settled")),
                    _connector="OR",
                ),
                name="sent_item_has_a_transfer",
            ),
        ),
        migrations.AddConstraint(
            model_name="payitem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("amount_minor__gt", 0),
                    ("state__in", ["ready", "settled", "cancelled"]),
                    models.Q(("hold_code", "below_zero"), ("state", "held")),
                    _connector="OR",
                ),
                name="only_positive_items_are_sent",
            ),
        ),
        migrations.AddConstraint(
            model_name="payrun",
            constraint=models.UniqueConstraint(
                condition=models.Q(models.Q(("state", "cancelled"), _negated=True), ("off_cycle", None)),
                fields=("week", "currency"),
                name="one_live_run_per_week",
            ),
        ),
        migrations.AddConstraint(
            model_name="payrun",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("off_cycle", None), ("reason", "")),
                    models.Q(("off_cycle__isnull", False), models.Q(("reason", ""), _negated=True)),
                    _connector="OR",
                ),
                name="off_cycle_run_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="payrun",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["draft", "cancelled"]),
                    models.Q(
                        ("frozen_at__isnull", False),
                        ("frozen_by__isnull", False),
                        models.Q(("content_hash", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="frozen_run_is_whole",
            ),
        ),
        migrations.AddField(
            model_name="adjustment",
            name="company",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="adjustments",
                to="accounts.company",
            ),
        ),
        migrations.AddField(
            model_name="adjustment",
            name="decided_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="adjustment",
            name="proposed_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddIndex(
            model_name="comparison",
            index=models.Index(fields=["currency", "-id"], name="comparison_newest"),
        ),
        migrations.AddField(
            model_name="fundingmovement",
            name="funding",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="movements", to="payments.funding"
            ),
        ),
        migrations.AddField(
            model_name="overpayment",
            name="item",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="overpayment", to="payments.payitem"
            ),
        ),
        migrations.AddField(
            model_name="overpayment",
            name="performer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="overpayments",
                to="accounts.performer",
            ),
        ),
        migrations.AddField(
            model_name="refund",
            name="funding",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="refunds", to="payments.funding"
            ),
        ),
        migrations.AddField(
            model_name="repayment",
            name="item",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="repayments", to="payments.payitem"
            ),
        ),
        migrations.AddField(
            model_name="repayment",
            name="overpayment",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="repayments",
                to="payments.overpayment",
            ),
        ),
        migrations.AddField(
            model_name="returndecision",
            name="decided_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="returndecision",
            name="item",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="return_decisions",
                to="payments.payitem",
            ),
        ),
        migrations.AddField(
            model_name="returndecision",
            name="new_item",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="decided_by_return",
                to="payments.payitem",
            ),
        ),
        migrations.AddIndex(
            model_name="striperow",
            index=models.Index(
                condition=models.Q(("how", "")), fields=["created_at", "id"], name="stripe_row_open"
            ),
        ),
        migrations.AddIndex(
            model_name="striperow",
            index=models.Index(fields=["source"], name="stripe_row_of_source"),
        ),
        migrations.AddConstraint(
            model_name="striperow",
            constraint=models.CheckConstraint(
                condition=models.Q(("how", ""), ("explained_at__isnull", False), _connector="XOR"),
                name="explained_row_says_how",
            ),
        ),
        migrations.AddField(
            model_name="adjustment",
            name="stripe_row",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="adjustments",
                to="payments.striperow",
            ),
        ),
        migrations.AddField(
            model_name="withdrawal",
            name="asked_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="withdrawal",
            name="company",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="withdrawals", to="accounts.company"
            ),
        ),
        migrations.AddField(
            model_name="refund",
            name="withdrawal",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="refunds", to="payments.withdrawal"
            ),
        ),
        migrations.AddConstraint(
            model_name="fundingmovement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("amount_minor__gt", 0), ("kind__in", ["payment", "refund_failed", "dispute_won"])
                    ),
                    models.Q(("amount_minor__lt", 0), ("kind__in", ["refund", "dispute", "payment_failed"])),
                    _connector="OR",
                ),
                name="movement_has_its_sign",
            ),
        ),
        migrations.AddIndex(
            model_name="overpayment",
            index=models.Index(fields=["performer", "currency", "told_at", "id"], name="overpayment_oldest"),
        ),
        migrations.AddConstraint(
            model_name="overpayment",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_minor__gt", 0)), name="overpayment_is_positive"
            ),
        ),
        migrations.AddConstraint(
            model_name="repayment",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_minor__gt", 0)), name="repayment_is_positive"
            ),
        ),
        migrations.AddConstraint(
            model_name="returndecision",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_minor__gt", 0)), name="return_decision_is_positive"
            ),
        ),
        migrations.AddConstraint(
            model_name="returndecision",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="return_decision_says_why"
            ),
        ),
        migrations.AddConstraint(
            model_name="returndecision",
            constraint=models.CheckConstraint(
                condition=models.Q(("what", "pay_again"), ("new_item__isnull", True), _connector="XOR"),
                name="paid_again_by_an_item",
            ),
        ),
        migrations.AddConstraint(
            model_name="adjustment",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="adjustment_says_why"
            ),
        ),
        migrations.AddConstraint(
            model_name="adjustment",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_minor", 0), _negated=True), name="adjustment_moves_something"
            ),
        ),
        migrations.AddConstraint(
            model_name="adjustment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "approved"), _negated=True),
                    models.Q(
                        ("decided_by__isnull", False),
                        models.Q(("decided_by", models.F("proposed_by")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="adjustment_approved_by_another",
            ),
        ),
        migrations.AddConstraint(
            model_name="adjustment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("what__startswith", "stray"), ("stripe_row__isnull", True), _connector="XOR"
                ),
                name="adjustment_of_stray_money_names_it",
            ),
        ),
        migrations.AddConstraint(
            model_name="adjustment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("what__in", ["write_off", "stray_company"]), ("company__isnull", True), _connector="XOR"
                ),
                name="adjustment_of_a_company_names_it",
            ),
        ),
        migrations.AddConstraint(
            model_name="adjustment",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["proposed", "approved"]), ("stripe_row__isnull", False)),
                fields=("stripe_row",),
                name="one_live_adjustment_per_stray",
            ),
        ),
        migrations.AddConstraint(
            model_name="withdrawal",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_minor__gt", 0)), name="withdrawal_is_positive"
            ),
        ),
        migrations.AddConstraint(
            model_name="withdrawal",
            constraint=models.UniqueConstraint(
                fields=("company", "request_id"), name="one_withdrawal_per_press"
            ),
        ),
        migrations.AddConstraint(
            model_name="withdrawal",
            constraint=models.CheckConstraint(
                condition=models.Q(("state", "going"), ("ended_at__isnull", False), _connector="OR"),
                name="ended_withdrawal_has_timestamp",
            ),
        ),
        migrations.AddIndex(
            model_name="refund",
            index=models.Index(
                condition=models.Q(("state", "unknown")), fields=["due_at"], name="refund_due"
            ),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_minor__gt", 0)), name="refund_is_positive"
            ),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.UniqueConstraint(
                fields=("withdrawal", "funding"), name="one_refund_per_funding"
            ),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "unknown"), _negated=True), ("due_at__isnull", False), _connector="OR"
                ),
                name="open_refund_is_followed",
            ),
        ),
        migrations.AddField(
            model_name="finding",
            name="resolved_by",
            field=models.ForeignKey(
                help_text="Empty where it ended by itself.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
