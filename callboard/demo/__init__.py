"""A week of Callboard, played through the real parts: web, worker, beat, Postgres, Valkey and the Stripe sandbox."""
