"""A payday under every fault that a seed can think of, on real Postgres: nobody is paid twice, nothing is lost."""
