"""Durations in words: `1 h 30 min`, `5 min ago`."""

from datetime import datetime

MINUTE, HOUR, DAY = 60, 3_600, 86_400


def words(seconds: int) -> str:
    """`1 h 30 min`, `45 min`, `20 s`: for reading. Seconds are named only below a minute or where they are a rest."""
    sign, left = ("-" if seconds < 0 else ""), abs(seconds)
    hours, minutes, rest = left // HOUR, left % HOUR // MINUTE, left % MINUTE
    parts = [f"{hours} h"] if hours else []
    parts += [f"{minutes:02d} min" if hours else f"{minutes} min"] if minutes else []
    parts += [f"{rest:02d} s" if parts else f"{rest} s"] if rest or not parts else []
    return sign + " ".join(parts)


def clock(seconds: int) -> str:
    """`1:30:00`: for counting and comparing."""
    left = abs(seconds)
    return f"{'-' if seconds < 0 else ''}{left // HOUR}:{left % HOUR // MINUTE:02d}:{left % MINUTE:02d}"


def hours(seconds: int) -> str:
    """`1.50`: decimal hours for a total, cut to hundredths. Pay is never computed from them."""
    hundredths = abs(seconds) * 100 // HOUR
    return f"{'-' if seconds < 0 else ''}{hundredths // 100:,}.{hundredths % 100:02d}"


def ago(at: datetime, now: datetime) -> str:
    """`5 min ago`, `in 2 h 05 min`, `yesterday`: for news, not for money."""
    seconds = int((now - at).total_seconds())
    away = abs(seconds)
    if away < MINUTE:
        return "just now" if seconds >= 0 else "in a moment"
    if away < DAY:
        said = words(away - away % MINUTE)
    elif away < 2 * DAY and seconds > 0:
        return "yesterday"
    else:
        said = f"{away // DAY} day{'s' if away >= 2 * DAY else ''}"
    return f"{said} ago" if seconds > 0 else f"in {said}"
