import django.db.models.deletion
from django.db import migrations, models

import kit.ids

FORWARD = """
-- Each month rests on the ones before it: it waits or is closed only over closed ones, and none is opened under a later one.
CREATE FUNCTION books_months_in_order() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(7400016);
  IF NEW.state IN ('proposed', 'closed') AND (TG_OP = 'INSERT' OR OLD.state NOT IN ('closed', 'reopening')) AND EXISTS (
    SELECT FROM payments_month earlier
    WHERE earlier.starts_on < NEW.starts_on AND earlier.entries > 0 AND NOT EXISTS (
      SELECT FROM payments_month closed WHERE closed.starts_on = earlier.starts_on AND closed.state = 'closed')
  ) THEN
    RAISE EXCEPTION 'an earlier month is not closed'
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'months_close_in_order';
  END IF;
  IF NEW.state IN ('reopening', 'reopened') AND EXISTS (
    SELECT FROM payments_month later
    WHERE later.starts_on > NEW.starts_on AND later.state IN ('proposed', 'closed', 'reopening')
  ) THEN
    RAISE EXCEPTION 'a later month rests on this one'
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'months_open_from_the_last';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER months_in_order BEFORE INSERT OR UPDATE OF state ON payments_month
  FOR EACH ROW EXECUTE FUNCTION books_months_in_order();

-- A document is as it was issued, and its number the next one: none is left out, none is taken away.
CREATE TRIGGER document_is_immutable BEFORE UPDATE OR DELETE ON payments_document
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER document_is_never_truncated BEFORE TRUNCATE ON payments_document
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER document_line_is_immutable BEFORE UPDATE OR DELETE ON payments_documentline
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER document_line_is_never_truncated BEFORE TRUNCATE ON payments_documentline
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE FUNCTION invoicing_number_follows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.sequence <> 1 + coalesce((
    SELECT max(sequence) FROM payments_document WHERE kind = NEW.kind AND year = NEW.year), 0) THEN
    RAISE EXCEPTION 'number % does not follow the last one', NEW.number
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'numbers_leave_no_gap';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER numbers_leave_no_gap BEFORE INSERT ON payments_document
  FOR EACH ROW EXECUTE FUNCTION invoicing_number_follows();

-- Charges in one currency, from an id on, that stand on no document yet.
CREATE FUNCTION payments_unbilled(wanted text, start bigint)
RETURNS TABLE (id bigint, book integer, company_id bigint, line_id bigint, pay_line_id bigint, amount_minor bigint,
  fee_minor bigint, accrued_at timestamptz) LANGUAGE sql STABLE AS $$
  SELECT earning.id, earning.book, earning.company_id, earning.line_id, earning.pay_line_id, earning.amount_minor,
    earning.fee_minor, earning.accrued_at
  FROM payments_earning earning
  WHERE earning.id >= start AND earning.currency = wanted
    AND NOT EXISTS (SELECT FROM payments_documentline billed WHERE billed.line_id = earning.line_id)
    AND NOT EXISTS (SELECT FROM payments_documentline billed WHERE billed.pay_line_id = earning.pay_line_id)
$$;

-- Balances of the past begin from these.
CREATE TRIGGER balance_at_month_is_immutable BEFORE UPDATE OR DELETE ON payments_accountatmonth
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""
BACKWARD = """
DROP FUNCTION payments_unbilled(text, bigint);
DROP TRIGGER numbers_leave_no_gap ON payments_document;
DROP FUNCTION invoicing_number_follows();
DROP TRIGGER document_line_is_never_truncated ON payments_documentline;
DROP TRIGGER document_line_is_immutable ON payments_documentline;
DROP TRIGGER document_is_never_truncated ON payments_document;
DROP TRIGGER document_is_immutable ON payments_document;
DROP TRIGGER balance_at_month_is_immutable ON payments_accountatmonth;
DROP TRIGGER months_in_order ON payments_month;
DROP FUNCTION books_months_in_order();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0022_fairness"),
        ("accounts", "0017_webhooks"),
        ("marketplace", "0039_agreements"),
    ]

    operations = [
        migrations.CreateModel(
            name="SummedMonth",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("until", models.DateTimeField(unique=True)),
                ("first_posting", models.BigIntegerField()),
                ("made_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="AccountAtMonth",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("balance_minor", models.BigIntegerField()),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="payments.account",
                    ),
                ),
                (
                    "month",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="accounts",
                        to="payments.summedmonth",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("account", "month"), name="one_balance_a_month")
                ],
            },
        ),
        migrations.CreateModel(
            name="BilledRun",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("next_earning", models.BigIntegerField()),
                ("done_at", models.DateTimeField()),
                (
                    "run",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="payments.payrun"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Document",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", kit.ids.TypedIdField(editable=False, prefix="doc", unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("invoice", "Invoice"),
                            ("credit_note", "Credit note"),
                            ("receipt", "Receipt"),
                            ("refund_note", "Refund note"),
                        ],
                        max_length=12,
                    ),
                ),
                ("year", models.PositiveSmallIntegerField(help_text="Of its issue, in the payroll zone.")),
                (
                    "sequence",
                    models.PositiveIntegerField(help_text="From 1 on in each kind and year, without a gap."),
                ),
                ("number", models.CharField(max_length=20, unique=True)),
                ("billed_to", models.CharField(help_text="The company as it was then.", max_length=1000)),
                ("issued_by", models.CharField(help_text="The house as it was then.", max_length=1000)),
                ("currency", models.CharField(max_length=3)),
                ("pay_minor", models.BigIntegerField(default=0)),
                ("fee_minor", models.BigIntegerField(default=0)),
                ("total_minor", models.BigIntegerField()),
                ("from_budget_minor", models.BigIntegerField(default=0)),
                ("from_wallet_minor", models.BigIntegerField(default=0)),
                ("owed_minor", models.BigIntegerField(default=0, help_text="What no money was there for.")),
                ("issued_at", models.DateTimeField()),
                (
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="documents",
                        to="accounts.company",
                    ),
                ),
                (
                    "corrects",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="corrections",
                        to="payments.document",
                    ),
                ),
                (
                    "movement",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="document",
                        to="payments.fundingmovement",
                    ),
                ),
                (
                    "week",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="marketplace.payweek",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="DocumentLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveIntegerField()),
                ("what", models.CharField(help_text="The line's kind.", max_length=12)),
                ("gig_title", models.CharField(blank=True, max_length=200)),
                (
                    "worked_on",
                    models.DateField(help_text="The session's day in the payroll zone, or the pay line's."),
                ),
                ("payable_s", models.IntegerField(null=True)),
                ("rate_minor", models.IntegerField(help_text="An hour.", null=True)),
                ("pay_minor", models.BigIntegerField()),
                ("fee_minor", models.BigIntegerField()),
                (
                    "document",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="payments.document",
                    ),
                ),
                (
                    "line",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="marketplace.timeline",
                    ),
                ),
                (
                    "pay_line",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="payments.payline",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="NumberCounter",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("invoice", "Invoice"),
                            ("credit_note", "Credit note"),
                            ("receipt", "Receipt"),
                            ("refund_note", "Refund note"),
                        ],
                        max_length=12,
                    ),
                ),
                ("year", models.PositiveSmallIntegerField()),
                ("last", models.PositiveIntegerField(default=0)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("kind", "year"), name="one_counter_a_year")],
            },
        ),
        migrations.AddIndex(
            model_name="document",
            index=models.Index(fields=["company", "-id"], name="document_of_company"),
        ),
        migrations.AddConstraint(
            model_name="document",
            constraint=models.UniqueConstraint(
                fields=("kind", "year", "sequence"), name="one_number_a_document"
            ),
        ),
        migrations.AddConstraint(
            model_name="document",
            constraint=models.UniqueConstraint(
                condition=models.Q(("corrects", None), ("week__isnull", False)),
                fields=("company", "week", "currency"),
                name="one_first_document_a_week",
            ),
        ),
        migrations.AddConstraint(
            model_name="document",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("kind__in", ("invoice", "credit_note")), ("movement", None), ("week__isnull", False)
                    ),
                    models.Q(
                        ("corrects", None),
                        ("kind__in", ["receipt", "refund_note"]),
                        ("movement__isnull", False),
                        ("week", None),
                    ),
                    _connector="OR",
                ),
                name="document_has_its_ground",
            ),
        ),
        migrations.AddConstraint(
            model_name="document",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "invoice"), ("total_minor__gte", 0)),
                    models.Q(("kind", "receipt"), ("total_minor__gt", 0)),
                    models.Q(("kind__in", ["credit_note", "refund_note"]), ("total_minor__lt", 0)),
                    _connector="OR",
                ),
                name="document_has_its_sign",
            ),
        ),
        migrations.AddConstraint(
            model_name="document",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("week", None),
                    models.Q(
                        (
                            "total_minor",
                            django.db.models.expressions.CombinedExpression(
                                models.F("pay_minor"), "+", models.F("fee_minor")
                            ),
                        ),
                        (
                            "total_minor",
                            django.db.models.expressions.CombinedExpression(
                                django.db.models.expressions.CombinedExpression(
                                    models.F("from_budget_minor"), "+", models.F("from_wallet_minor")
                                ),
                                "+",
                                models.F("owed_minor"),
                            ),
                        ),
                    ),
                    _connector="OR",
                ),
                name="charges_add_up",
            ),
        ),
        migrations.AddConstraint(
            model_name="documentline",
            constraint=models.UniqueConstraint(fields=("document", "position"), name="one_position_a_line"),
        ),
        migrations.AddConstraint(
            model_name="documentline",
            constraint=models.UniqueConstraint(fields=("line",), name="one_document_a_time_line"),
        ),
        migrations.AddConstraint(
            model_name="documentline",
            constraint=models.UniqueConstraint(fields=("pay_line",), name="one_document_a_pay_line"),
        ),
        migrations.AddConstraint(
            model_name="documentline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("line__isnull", False), ("pay_line", None)),
                    models.Q(("line", None), ("pay_line__isnull", False)),
                    _connector="OR",
                ),
                name="document_line_has_one_source",
            ),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
