"""The figures in words, and as bars: a bar a month. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from kit.instants import month as in_words
from kit.money import Money
from payments.fairness.figures import TENTH_S, Cell, Fewest, Figure, TooFew
from payments.fairness.measures import Measure, Unit
from payments.fairness.queries import Report, Told

WIDTH, HEIGHT, GAP = 600, 100, 8
NONE = "–"
NUMBERS = (
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
)
# What is drawn: a measure, one of its rows, and what the bars are called.
DRAWN = (
    ("answer", "median", "Half of all answers came within"),
    ("approval", "median", "Half of all time was approved within"),
    ("bank", "median", "Half of all pay was in the bank within"),
    ("runs", "", "Pay runs on their day"),
)


@dataclass(frozen=True)
class Bar:
    """`height` 0 where there is nothing to draw; `masked` is drawn as a mark of its own."""

    x: float
    y: float
    width: float
    height: float
    said: str
    masked: bool


@dataclass(frozen=True)
class Plot:
    """`figure`: of all time, with its unit. `first` and `last`: the months at its ends."""

    title: str
    figure: str
    masked: bool
    bars: Sequence[Bar]
    first: str
    last: str
    anchor: str


@dataclass(frozen=True)
class Shown:
    """What stands in a cell of the table."""

    text: str
    masked: bool


@dataclass(frozen=True)
class Row:
    """`months`: the newest first, so that on a phone the newest is seen."""

    label: str
    unit: str
    all_time: Shown
    months: Sequence[Shown]


@dataclass(frozen=True)
class Table:
    measure: Measure
    rows: Sequence[Row]


def tables(report: Report) -> list[Table]:
    return [
        Table(told.measure, [_row(told.measure, each, report.fewest) for each in told.figures])
        for told in report.measures
    ]


def plots(report: Report) -> list[Plot]:
    by_name = {told.measure.name: told for told in report.measures}
    if not report.months:
        return []
    return [_plot(by_name[name], row, title, report) for name, row, title in DRAWN]


def _plot(told: Told, row: str, title: str, report: Report) -> Plot:
    figure = next(each for each in told.figures if each.name == row)
    months, whole = report.months, shown(figure.all_time, figure, report.fewest)
    unit = unit_of(figure)
    return Plot(
        title=title,
        figure=f"{whole.text} {unit}" if figure.all_time.value is not None else whole.text,
        masked=whole.masked,
        bars=_bars(figure, months, report.fewest),
        first=in_words(months[0]),
        last=in_words(months[-1]),
        anchor=told.measure.name,
    )


def _bars(figure: Figure, months: Sequence[date], fewest: Fewest) -> list[Bar]:
    step = WIDTH / len(months)
    most = 10_000 if figure.unit is Unit.SHARE else max(1, *(cell.value or 0 for cell in figure.months))
    bars = []
    for n, (first, cell) in enumerate(zip(months, figure.months, strict=True)):
        # What is zero can be seen, too.
        height = 0.0 if cell.value is None else max(2.0, cell.value * HEIGHT / most)
        said = shown(cell, figure, fewest)
        unit = f" {unit_of(figure)}" if cell.value is not None else ""
        words = "nothing" if said.text == NONE else f"{said.text}{unit}"
        bars.append(
            Bar(
                x=round(n * step + GAP / 2, 2),
                y=round(HEIGHT - height, 2),
                width=round(step - GAP, 2),
                height=round(height, 2),
                said=f"{in_words(first)}: {words}",
                masked=bool(cell.masked),
            )
        )
    return bars


def _row(measure: Measure, figure: Figure, fewest: Fewest) -> Row:
    return Row(
        label=figure.label or measure.title,
        unit=unit_of(figure),
        all_time=shown(figure.all_time, figure, fewest),
        months=[shown(cell, figure, fewest) for cell in reversed(figure.months)],
    )


def unit_of(figure: Figure) -> str:
    return {
        Unit.LENGTH: "days",
        Unit.SHARE: "%",
        Unit.COUNT: "",
        Unit.SECONDS: "minutes",
        Unit.MONEY: figure.currency.upper(),
    }[figure.unit]


def few(fewest: Fewest) -> dict[TooFew, str]:
    """What stands in the place of a figure of too few."""
    return {
        TooFew.PEOPLE: f"fewer than {_number(fewest.people)}",
        TooFew.COMPANIES: f"fewer than {_number(fewest.companies)} companies",
    }


def _number(n: int) -> str:
    return NUMBERS[n] if n < len(NUMBERS) else str(n)


def shown(cell: Cell, figure: Figure, fewest: Fewest) -> Shown:
    """Days to a tenth, whole minutes, percent to a tenth: each rounded down but for days, which are nearest tenths already."""
    if cell.masked:
        return Shown(few(fewest)[cell.masked], masked=True)
    if cell.value is None:
        return Shown(NONE, masked=False)
    match figure.unit:
        case Unit.LENGTH:
            tenths = cell.value // TENTH_S
            text = f"{tenths // 10}.{tenths % 10}"
        case Unit.SHARE:
            text = f"{cell.value // 100}.{cell.value % 100 // 10}".removesuffix(".0")
        case Unit.SECONDS:
            text = f"{cell.value // 60:,}"
        case Unit.MONEY:
            text = Money(cell.value, figure.currency).figure()
        case _:
            text = f"{cell.value:,}"
    return Shown(text, masked=False)
