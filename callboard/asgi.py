"""The site as the web server runs it: sockets and bodies wait in one event loop, Django works in a few threads."""

import os

from a2wsgi import WSGIMiddleware

from callboard.server import THREADS
from callboard.wsgi import application as site
from kit.http import problems
from kit.http.bodies import WholeBodies

# An answer waits in memory for its reader, whole: a thread would otherwise wait for whoever reads it slowly.
_UNBOUNDED = 0

_threads = int(os.environ.get("WEB_THREADS", THREADS))

application = WholeBodies(
    WSGIMiddleware(site, workers=_threads, send_queue_size=_UNBOUNDED),  # type: ignore[arg-type] # it types environ more narrowly
    refusal=problems.of_the_framework,
)
