"""Net terms: what two of finance agreed with a company, and what it drew under them."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import kit.ids

FORWARD = """
CREATE OR REPLACE FUNCTION ledger_open_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO payments_balance (account_id, stripe, stripes, amount_minor, ceiling_minor, floor_minor)
  SELECT NEW.id, n, NEW.stripes, 0,
    CASE WHEN NEW.kind IN ('company_wallet', 'gig_budget', 'company_withdrawing', 'performer_returned') THEN 0 END,
    CASE WHEN NEW.kind IN ('company_receivable', 'company_terms', 'performer_overpaid') THEN 0 END
  FROM generate_series(0, NEW.stripes - 1) AS n;
  RETURN NULL;
END $$;

-- What two people agreed to stays, and one only lowers it.
CREATE FUNCTION payments_net_terms_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR NEW.limit_minor > OLD.limit_minor
     OR (OLD.company_id, OLD.currency, OLD.agreed_minor, OLD.pay_days, OLD.starts_on, OLD.proposed_by_id)
        IS DISTINCT FROM (NEW.company_id, NEW.currency, NEW.agreed_minor, NEW.pay_days, NEW.starts_on, NEW.proposed_by_id)
     OR OLD.decided_by_id IS NOT NULL AND OLD.decided_by_id IS DISTINCT FROM NEW.decided_by_id THEN
    RAISE EXCEPTION 'terms are never raised or rewritten'
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'net_terms_are_never_raised';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER net_terms_are_never_raised BEFORE UPDATE OR DELETE ON payments_netterms
  FOR EACH ROW EXECUTE FUNCTION payments_net_terms_stay();

-- Two who draw at once come here one after the other, each after its entry was posted.
CREATE FUNCTION payments_draw_within_limit() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  terms payments_netterms;
  owed bigint;
BEGIN
  SELECT * INTO terms FROM payments_netterms WHERE id = NEW.terms_id FOR UPDATE;
  SELECT coalesce(sum(balance.amount_minor), 0) INTO owed
  FROM accounts_company company
  JOIN payments_account account ON account.kind = 'company_terms' AND account.currency = terms.currency
    AND account.owner = callboard_typed_id('cmp', company.public_id)
  JOIN payments_balance balance ON balance.account_id = account.id
  WHERE company.id = terms.company_id;
  IF terms.state <> 'in_force' OR owed > terms.limit_minor OR owed < NEW.amount_minor
     OR (terms.company_id, terms.currency) <> (NEW.company_id, NEW.currency) THEN
    RAISE EXCEPTION 'nothing is drawn beyond the limit of terms that are in force'
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'draws_stay_within_the_limit';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER draws_stay_within_the_limit BEFORE INSERT ON payments_draw
  FOR EACH ROW EXECUTE FUNCTION payments_draw_within_limit();
CREATE TRIGGER draw_is_immutable BEFORE UPDATE OR DELETE ON payments_draw
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER draw_is_never_truncated BEFORE TRUNCATE ON payments_draw
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""
BACKWARD = """
DROP TRIGGER draw_is_never_truncated ON payments_draw;
DROP TRIGGER draw_is_immutable ON payments_draw;
DROP TRIGGER draws_stay_within_the_limit ON payments_draw;
DROP FUNCTION payments_draw_within_limit();
DROP TRIGGER net_terms_are_never_raised ON payments_netterms;
DROP FUNCTION payments_net_terms_stay();
CREATE OR REPLACE FUNCTION ledger_open_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO payments_balance (account_id, stripe, stripes, amount_minor, ceiling_minor, floor_minor)
  SELECT NEW.id, n, NEW.stripes, 0,
    CASE WHEN NEW.kind IN ('company_wallet', 'gig_budget', 'company_withdrawing', 'performer_returned') THEN 0 END,
    CASE WHEN NEW.kind IN ('company_receivable', 'performer_overpaid') THEN 0 END
  FROM generate_series(0, NEW.stripes - 1) AS n;
  RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0018_appeals_of_a_second_no"),
        ("marketplace", "0042_provenance"),
        ("payments", "0024_short_payments_are_asked"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
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
                    ("company_terms", "company_terms"),
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
            model_name="accountname",
            name="kind",
            field=models.CharField(
                choices=[
                    ("stripe_balance", "stripe_balance"),
                    ("company_incoming", "company_incoming"),
                    ("company_wallet", "company_wallet"),
                    ("gig_budget", "gig_budget"),
                    ("company_withdrawing", "company_withdrawing"),
                    ("company_receivable", "company_receivable"),
                    ("company_terms", "company_terms"),
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
                unique=True,
            ),
        ),
        migrations.AlterField(
            model_name="daysum",
            name="kind",
            field=models.CharField(
                choices=[
                    ("stripe_balance", "stripe_balance"),
                    ("company_incoming", "company_incoming"),
                    ("company_wallet", "company_wallet"),
                    ("gig_budget", "gig_budget"),
                    ("company_withdrawing", "company_withdrawing"),
                    ("company_receivable", "company_receivable"),
                    ("company_terms", "company_terms"),
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
            model_name="journalsum",
            name="kind",
            field=models.CharField(
                choices=[
                    ("stripe_balance", "stripe_balance"),
                    ("company_incoming", "company_incoming"),
                    ("company_wallet", "company_wallet"),
                    ("gig_budget", "gig_budget"),
                    ("company_withdrawing", "company_withdrawing"),
                    ("company_receivable", "company_receivable"),
                    ("company_terms", "company_terms"),
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
        migrations.CreateModel(
            name="NetTerms",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", kit.ids.TypedIdField(editable=False, prefix="ntm", unique=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("proposed", "Waits for a second person"),
                            ("in_force", "In force"),
                            ("declined", "Declined"),
                            ("withdrawn", "Taken back"),
                            ("ended", "Ended"),
                        ],
                        default="proposed",
                        max_length=10,
                    ),
                ),
                ("currency", models.CharField(max_length=3)),
                ("agreed_minor", models.BigIntegerField()),
                ("limit_minor", models.BigIntegerField()),
                (
                    "pay_days",
                    models.PositiveSmallIntegerField(
                        help_text="From the end of the week in which it was drawn."
                    ),
                ),
                (
                    "starts_on",
                    models.DateField(
                        help_text="The first day, in the payroll zone, on which anything is drawn."
                    ),
                ),
                ("reason", models.CharField(max_length=500)),
                ("proposed_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(null=True)),
                (
                    "answer",
                    models.CharField(blank=True, help_text="Why it was declined, or ended.", max_length=500),
                ),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="net_terms",
                        to="accounts.company",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "ended_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "net terms",
            },
        ),
        migrations.CreateModel(
            name="Draw",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", kit.ids.TypedIdField(editable=False, prefix="drw", unique=True)),
                ("amount_minor", models.BigIntegerField()),
                ("currency", models.CharField(max_length=3)),
                ("drawn_at", models.DateTimeField()),
                (
                    "due_on",
                    models.DateField(
                        help_text="The last day, in the payroll zone, on which it is paid in time."
                    ),
                ),
                (
                    "entry_key",
                    models.CharField(help_text="Of its entry in the books.", max_length=120, unique=True),
                ),
                (
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.company"
                    ),
                ),
                (
                    "drawn_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "gig",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="marketplace.gig"
                    ),
                ),
                (
                    "terms",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="draws",
                        to="payments.netterms",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="netterms",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "in_force")),
                fields=("company", "currency"),
                name="one_net_terms_in_force",
            ),
        ),
        migrations.AddConstraint(
            model_name="netterms",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "proposed")),
                fields=("company", "currency"),
                name="one_net_terms_proposed",
            ),
        ),
        migrations.AddConstraint(
            model_name="netterms",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ("in_force", "ended")), _negated=True),
                    models.Q(
                        ("decided_at__isnull", False),
                        ("decided_by__isnull", False),
                        models.Q(("decided_by", models.F("proposed_by")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="net_terms_approved_by_another",
            ),
        ),
        migrations.AddConstraint(
            model_name="netterms",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("agreed_minor__gt", 0),
                    ("limit_minor__gte", 0),
                    ("limit_minor__lte", models.F("agreed_minor")),
                    ("pay_days__gte", 1),
                    ("pay_days__lte", 60),
                ),
                name="net_terms_are_bounded",
            ),
        ),
        migrations.AddConstraint(
            model_name="netterms",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="net_terms_say_why"
            ),
        ),
        migrations.AddConstraint(
            model_name="netterms",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at__isnull", False), ("ended_by__isnull", False), ("state", "ended")),
                    models.Q(
                        models.Q(("state", "ended"), _negated=True), ("ended_at", None), ("ended_by", None)
                    ),
                    _connector="OR",
                ),
                name="ended_net_terms_have_an_end",
            ),
        ),
        migrations.AddIndex(
            model_name="draw",
            index=models.Index(fields=["company", "currency", "-id"], name="draw_of_company"),
        ),
        migrations.AddConstraint(
            model_name="draw",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_minor__gt", 0)), name="draw_is_positive"
            ),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
