"""A posting looks at an account once: its legs say their currency (the key to the account refuses another), and how many
rows an account's balance has stands beside it. A leg's key to its entry is its own partition's: no book is looked up for it."""

from django.db import migrations, models

FORWARD = """
UPDATE payments_balance balance SET stripes = account.stripes FROM payments_account account
WHERE account.id = balance.account_id AND account.stripes <> 1;
ALTER TABLE payments_balance ADD CONSTRAINT stripe_is_one_of_its_accounts CHECK (stripe < stripes);

CREATE OR REPLACE FUNCTION ledger_open_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO payments_balance (account_id, stripe, stripes, amount_minor, ceiling_minor, floor_minor)
  SELECT NEW.id, n, NEW.stripes, 0,
    CASE WHEN NEW.kind IN ('company_wallet', 'gig_budget', 'company_withdrawing', 'performer_returned') THEN 0 END,
    CASE WHEN NEW.kind IN ('company_receivable', 'performer_overpaid') THEN 0 END
  FROM generate_series(0, NEW.stripes - 1) AS n;
  RETURN NULL;
END $$;

ALTER TABLE payments_posting DROP CONSTRAINT payments_posting_book_entry_id_fkey;
ALTER TABLE payments_posting_rest ADD CONSTRAINT posting_has_its_entry
  FOREIGN KEY (book, entry_id) REFERENCES payments_entry_rest (book, id);

CREATE OR REPLACE FUNCTION ledger_after_postings() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM fresh_postings GROUP BY book, entry_id, currency HAVING sum(amount_minor) <> 0) THEN
    RAISE EXCEPTION 'an entry does not add up to zero'
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'entry_adds_up_to_zero';
  END IF;
  WITH locked AS (
    SELECT balance.id, delta.amount_minor
    FROM (SELECT account_id, sum(amount_minor) AS amount_minor FROM fresh_postings GROUP BY account_id) AS delta
    JOIN payments_balance balance
      ON balance.account_id = delta.account_id AND balance.stripe = mod(pg_backend_pid(), balance.stripes)
    ORDER BY balance.account_id
    FOR UPDATE OF balance
  )
  UPDATE payments_balance balance SET amount_minor = balance.amount_minor + locked.amount_minor
  FROM locked WHERE balance.id = locked.id;
  RETURN NULL;
END $$;

DROP FUNCTION ledger_post(integer[], text[], text[], timestamptz, jsonb[], integer[], bigint[], bigint[]);
CREATE FUNCTION ledger_post(
  books integer[], keys text[], kinds text[], at timestamptz, facts jsonb[],
  leg_entry integer[], leg_account bigint[], leg_currency text[], leg_amount bigint[]
) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  fresh_keys text[];
BEGIN
  WITH fresh AS (
    INSERT INTO payments_entry (book, key, kind, posted_at, facts)
    SELECT draft.book, draft.key, draft.kind, at, draft.facts
    FROM unnest(books, keys, kinds, facts) AS draft (book, key, kind, facts)
    ON CONFLICT (book, key) DO NOTHING
    RETURNING book, id, key
  ), legs AS (
    INSERT INTO payments_posting (book, entry_id, account_id, currency, amount_minor)
    SELECT fresh.book, fresh.id, leg.account_id, leg.currency, leg.amount_minor
    FROM unnest(leg_entry, leg_account, leg_currency, leg_amount) AS leg (entry, account_id, currency, amount_minor)
    JOIN fresh ON fresh.key = keys[leg.entry] AND fresh.book = books[leg.entry]
  ) SELECT array_agg(key) INTO fresh_keys FROM fresh;

  IF cardinality(keys) > coalesce(cardinality(fresh_keys), 0) THEN
    PERFORM ledger_refuse_other_legs(books, keys, leg_entry, leg_account, leg_amount, coalesce(fresh_keys, '{}'));
  END IF;
  RETURN coalesce(cardinality(fresh_keys), 0);
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("payments", "0017_a_grant_pays_its_bonus")]
    operations = [
        migrations.AddField(
            model_name="balance",
            name="stripes",
            field=models.PositiveSmallIntegerField(
                db_default=1, help_text="How many rows its account's balance has."
            ),
        ),
        migrations.RunSQL(FORWARD, migrations.RunSQL.noop),
    ]
