"""The site as the web server runs it: sockets and bodies wait in one event loop, Django works in a few threads."""

import os

from a2wsgi import WSGIMiddleware
from django.conf import settings

from callboard.server import THREADS
from callboard.wsgi import application as site
from kit.http import problems
from kit.http.bodies import WholeBodies

# An answer waits in memory for its reader, whole: a thread would otherwise wait for whoever reads it slowly.
_UNBOUNDED = 0

_threads = int(os.environ.get("WEB_THREADS", THREADS))

# Where receipts and pictures come in, by page and by app: in base 64, with what is said of them.
_LARGER = dict.fromkeys(
    ("/pay/lines/", "/api/v1/me/expenses", "/profile/photo/", "/api/v1/me/performer/photo"),
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE,
)

application = WholeBodies(
    WSGIMiddleware(site, workers=_threads, send_queue_size=_UNBOUNDED),  # type: ignore[arg-type] # it types environ more narrowly
    refusal=problems.of_the_framework,
    larger=_LARGER,
)
