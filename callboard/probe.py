"""Asks this machine's web whether it is ready, under the name by which visitors know it. Exits 1 when it is not.

usage: python -m callboard.probe      (PUBLIC_URL and PORT as the web has them)
"""

import http.client
import os
import sys
from urllib.parse import urlsplit

PATIENCE_S = 5


def main() -> int:
    """0 when the database and the broker answer through the web, else 1."""
    name = urlsplit(os.environ.get("PUBLIC_URL", "http://localhost")).hostname or "localhost"
    asked = http.client.HTTPConnection("127.0.0.1", int(os.environ.get("PORT", "8000")), timeout=PATIENCE_S)
    try:
        asked.request("GET", "/readyz", headers={"Host": name})
        answer = asked.getresponse()
        sys.stdout.write(f"{answer.status} {answer.read(200).decode(errors='replace')}\n")
        return 0 if answer.status == http.client.OK else 1
    except OSError as error:
        sys.stdout.write(f"{error}\n")
        return 1
    finally:
        asked.close()


if __name__ == "__main__":
    sys.exit(main())
