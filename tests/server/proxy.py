"""The proxy of docker/, with its own Caddyfile, in front of a web on loopback."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from tests.processes import PROJECT
from tests.server.web import free_port, until_answered

CADDY = Path(sys.executable).parent / "caddy"
CADDYFILE = PROJECT / "docker" / "Caddyfile"


@contextlib.contextmanager
def before(url: str, *, work: Path) -> Iterator[str]:
    """The proxy's address: its file as it is, but for the name of the web and a site without TLS."""
    own = f"http://127.0.0.1:{free_port()}"
    (work / "Caddyfile").write_text(CADDYFILE.read_text().replace("web:8000", urlsplit(url).netloc))
    told = {"PATH": os.environ["PATH"], "HOME": str(work), "SITE": own, "PLAIN": f":{free_port()}"}
    words: list[str | Path] = [CADDY, "run", "--config", work / "Caddyfile", "--adapter", "caddyfile"]
    with (work / "caddy.log").open("wb") as log:
        with subprocess.Popen(words, env=told, stdout=log, stderr=log) as process:
            try:
                until_answered(f"{own}/healthz")
                yield own
            finally:
                process.terminate()
