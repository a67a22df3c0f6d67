#!/usr/bin/env python
"""Callboard's commands. Without DATABASE_URL they start this checkout's own Postgres and Valkey for as long as needed."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "callboard.settings.local")
    if os.environ["DJANGO_SETTINGS_MODULE"] == "callboard.settings.local":
        from callboard.embedded import keeper

        keeper.ensure(postgres="DATABASE_URL" not in os.environ, valkey="REDIS_URL" not in os.environ)
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
