"""Pay lines and receipts; an earning has a time line or a pay line as its source."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import kit.ids

FORWARD = """
ALTER TABLE payments_earning ALTER COLUMN line_id DROP NOT NULL;
ALTER TABLE payments_earning ADD COLUMN pay_line_id bigint REFERENCES payments_payline (id);
ALTER TABLE payments_earning ADD CONSTRAINT earning_has_one_source CHECK (num_nonnulls(line_id, pay_line_id) = 1);
ALTER TABLE payments_earning ADD CONSTRAINT one_earning_per_pay_line UNIQUE (book, pay_line_id);
CREATE INDEX earning_of_pay_line ON payments_earning (pay_line_id) WHERE pay_line_id IS NOT NULL;
-- What an earning comes from, as keys and hashes name it: a time line by its number alone, as they always did.
CREATE FUNCTION payments_earning_source(line_id bigint, pay_line_id bigint) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT coalesce(line_id::text, 'pay:' || pay_line_id)
$$;
DROP FUNCTION payments_open_earnings(text, bigint, bigint, bigint[]);
CREATE FUNCTION payments_open_earnings(wanted text, start bigint, before bigint, chosen bigint[])
RETURNS TABLE (id bigint, book integer, line_id bigint, pay_line_id bigint, performer_id bigint, amount_minor bigint,
  fee_minor bigint, covered int8multirange) LANGUAGE sql STABLE AS $$
  WITH live AS (
    SELECT item.performer_id, range_agg(item.earnings) AS covered FROM payments_payitem item
    WHERE item.currency = wanted AND item.state <> 'cancelled' AND upper(item.earnings) > start GROUP BY 1
  )
  SELECT earning.id, earning.book, earning.line_id, earning.pay_line_id, earning.performer_id, earning.amount_minor,
    earning.fee_minor, live.covered
  FROM payments_earning earning LEFT JOIN live ON live.performer_id = earning.performer_id
  WHERE earning.id >= start AND earning.id < before AND earning.currency = wanted
    AND (live.covered IS NULL OR NOT live.covered @> earning.id)
    AND (chosen IS NULL OR earning.performer_id = ANY (chosen))
$$;
"""
BACKWARD = """
DROP FUNCTION payments_open_earnings(text, bigint, bigint, bigint[]);
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
DROP FUNCTION payments_earning_source(bigint, bigint);
ALTER TABLE payments_earning DROP CONSTRAINT earning_has_one_source, DROP COLUMN pay_line_id;
ALTER TABLE payments_earning ALTER COLUMN line_id SET NOT NULL;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("marketplace", "0019_taken_back_after_it_was_promised"),
        ("payments", "0009_money_after_the_fact"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Receipt",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", kit.ids.TypedIdField(editable=False, prefix="rcp", unique=True)),
                (
                    "form",
                    models.CharField(
                        choices=[("application/pdf", "PDF"), ("image/jpeg", "JPEG"), ("image/png", "PNG")],
                        help_text="As its first bytes say.",
                        max_length=20,
                    ),
                ),
                ("content", models.BinaryField()),
                ("size", models.PositiveIntegerField(help_text="In bytes.")),
                ("sha256", models.CharField(max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name="PayLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", kit.ids.TypedIdField(editable=False, prefix="pln", unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("bonus", "Bonus"),
                            ("expense", "Expense"),
                            ("breach", "Breach of a guarantee"),
                            ("deduction", "Deduction by agreement"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "amount_minor",
                    models.BigIntegerField(help_text="What the performer is paid; below zero, deducted."),
                ),
                ("fee_minor", models.BigIntegerField(help_text="What the company pays the platform on top.")),
                ("currency", models.CharField(max_length=3)),
                ("reason", models.CharField(max_length=500)),
                ("spent_on", models.DateField(help_text="The day of an expense.", null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("proposed", "Waits for an answer"),
                            ("contested", "Contested"),
                            ("approved", "Approved"),
                            ("declined", "Declined"),
                            ("withdrawn", "Taken back"),
                            ("expired", "Lapsed"),
                        ],
                        default="proposed",
                        max_length=10,
                    ),
                ),
                ("made_at", models.DateTimeField()),
                ("due_at", models.DateTimeField(help_text="Until when an answer is awaited.")),
                (
                    "escalated_at",
                    models.DateTimeField(
                        help_text="When talent operations were told of a silence.", null=True
                    ),
                ),
                (
                    "contest",
                    models.CharField(blank=True, help_text="Why the company contests.", max_length=500),
                ),
                ("decided_at", models.DateTimeField(null=True)),
                (
                    "answer",
                    models.CharField(blank=True, help_text="Why it was not approved.", max_length=500),
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
                    "engagement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pay_lines",
                        to="marketplace.engagement",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "part_of",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="parts",
                        to="payments.payline",
                    ),
                ),
                (
                    "week",
                    models.ForeignKey(
                        help_text="In which it was approved.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="marketplace.payweek",
                    ),
                ),
                (
                    "receipt",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="line",
                        to="payments.receipt",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ["proposed", "contested"])),
                        fields=["due_at", "id"],
                        name="pay_line_waits",
                    ),
                    models.Index(
                        condition=models.Q(("state", "approved")),
                        fields=["decided_at", "id"],
                        name="pay_line_approved",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="pay_line_says_why"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("amount_minor__gt", 0),
                                ("part_of", None),
                                models.Q(("kind", "deduction"), _negated=True),
                            ),
                            models.Q(("amount_minor__lt", 0), ("kind", "deduction"), ("part_of", None)),
                            models.Q(
                                ("kind", "deduction"),
                                ("part_of__isnull", False),
                                models.Q(("amount_minor", 0), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="only_deductions_take_from_pay",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("fee_minor", 0),
                            models.Q(("fee_minor__gt", 0), ("kind__in", ["bonus", "breach"])),
                            _connector="OR",
                        ),
                        name="pay_line_takes_a_fee_by_its_kind",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("kind", "expense"), ("receipt__isnull", False), ("spent_on__isnull", False)
                            ),
                            models.Q(
                                models.Q(("kind", "expense"), _negated=True),
                                ("receipt", None),
                                ("spent_on", None),
                            ),
                            _connector="OR",
                        ),
                        name="expense_is_proved",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "approved"), _negated=True),
                            ("decided_by", None),
                            models.Q(("decided_by", models.F("made_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="pay_line_approved_by_another",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("decided_at__isnull", False), ("state", "approved"), ("week__isnull", False)
                            ),
                            models.Q(models.Q(("state", "approved"), _negated=True), ("week", None)),
                            _connector="OR",
                        ),
                        name="approved_pay_line_has_its_week",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "contested"), _negated=True),
                            models.Q(("contest", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="contested_pay_line_says_why",
                    ),
                ],
            },
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
