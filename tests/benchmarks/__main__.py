"""`make bench`: every comparison, side by side in one run."""

import os

from callboard.embedded import addresses, keeper


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "callboard.settings.test"
    os.environ["CALLBOARD_HOME"] = str(addresses.home() / "bench" / "test")
    keeper.ensure(durable=True)
    import django  # noqa: PLC0415 -- the servers first

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    from tests.benchmarks import posting, slow_sockets  # noqa: PLC0415

    posting.run()
    slow_sockets.run()


if __name__ == "__main__":
    main()
