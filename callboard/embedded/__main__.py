"""`python -m callboard.embedded run`: everything up, without demo data, until Ctrl-C."""

import argparse
import logging
import os
import sys

from callboard.embedded import addresses, keeper, site, supervisor


def main() -> int:
    parser = argparse.ArgumentParser(prog="callboard.embedded", description=__doc__)
    parser.add_argument("command", choices=["run"])
    parser.add_argument(
        "--port", type=int, default=int(os.environ.get("PORT", "8000")), help="the web's, if free"
    )
    parser.add_argument(
        "--video", action="store_true", help="play at LiveKit's stand-in, not in the platform's own room"
    )
    given = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(message)s")
    say = sys.stdout.write
    try:
        with site.running(web_port=given.port, video=given.video) as up:
            say(f"Callboard        {up.web_url}\n")
            if up.sandbox_url is not None:
                say(f"Stripe sandbox   {up.sandbox_url}\n")
            if up.video_url is not None:
                say(f"LiveKit sandbox  {up.video_url}\n")
            say(f"Logs             {addresses.home() / 'logs'}\nCtrl-C stops everything.\n")
            sys.stdout.flush()
            up.supervisor.run_forever()
            say("Stopping.\n")
    except KeyboardInterrupt:
        return 130
    except (keeper.ServersNotStarted, site.MigrationFailed, supervisor.ProcessNotReady) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
