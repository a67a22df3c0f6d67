import django.db.models.deletion
from django.db import migrations, models

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

-- Balances of the past begin from these.
CREATE TRIGGER balance_at_month_is_immutable BEFORE UPDATE OR DELETE ON payments_accountatmonth
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""
BACKWARD = """
DROP TRIGGER balance_at_month_is_immutable ON payments_accountatmonth;
DROP TRIGGER months_in_order ON payments_month;
DROP FUNCTION books_months_in_order();
"""


class Migration(migrations.Migration):
    dependencies = [("payments", "0019_books")]

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
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
