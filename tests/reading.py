"""A page or an endpoint that asks the database once for each row it shows fails the test that opened it.

In the tests' settings every request that reads goes through here. zeal names the relation that was followed row by row;
what it does not see (a sum, a count, a lookup by a row's key) shows as one statement that is made again and again.
"""

import re
from collections import Counter
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from zeal import zeal_context

Answer = Callable[[HttpRequest], HttpResponseBase]
# A session, a log-in and a page may each read who is there; four times over is a row's doing.
AT_MOST = 3
OURS = re.compile(r'^SELECT .* FROM "(accounts|marketplace|payments)_')


class QueryPerRow(AssertionError):
    """The same statement was made for each of several rows."""


def middleware(answer: Answer) -> Answer:
    def read(request: HttpRequest) -> HttpResponseBase:
        if request.method not in ("GET", "HEAD"):
            return answer(request)
        asked: Counter[str] = Counter()

        def count(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
            asked[sql] += 1
            return execute(sql, params, many, context)

        with zeal_context(), connection.execute_wrapper(count):
            response = answer(request)
        again = [f"{times} × {sql}" for sql, times in asked.items() if times > AT_MOST and OURS.match(sql)]
        if again:
            raise QueryPerRow(f"{request.method} {request.path}\n" + "\n".join(again))
        return response

    return read
