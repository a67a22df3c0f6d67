"""Manual journals as Xero imports them.

The rules are those of Xero's own page, help.xero.com/nz/ManualJournalsImport: up to 300 lines in one file; lines of one
journal share narration and date; a date as `30 Jun 2015` or `30/6/2015`; the account by its code; the tax rate by its full
name; an amount above zero is a debit, below zero a credit. A manual journal is in the organisation's own currency, and has no
column for another: a file is of one currency. The stars are the template's own.
"""

from collections.abc import Iterator, Mapping, Sequence

from kit.csv_files import Cell, write
from kit.instants import day_for_xero
from kit.money import Money
from payments.books.journals import Journal
from payments.books.models import AccountName

MOST_LINES = 300
HEAD = [
    "*Narration",
    "*Date",
    "Description",
    "*AccountCode",
    "*TaxRate",
    "*Amount",
    "TrackingName1",
    "TrackingOption1",
    "TrackingName2",
    "TrackingOption2",
]


def file_of(journals: Sequence[Journal], names: Mapping[str, AccountName]) -> bytes:
    return write(HEAD, _rows(journals, names), for_spreadsheet=False)


def _rows(journals: Sequence[Journal], names: Mapping[str, AccountName]) -> Iterator[list[Cell]]:
    for journal in journals:
        date = day_for_xero(journal.dated)
        for line in journal.lines:
            account, amount = names[line.kind], Money(line.amount_minor, journal.currency)
            yield [
                journal.narration,
                date,
                line.description,
                account.code,
                account.tax_rate,
                amount,
                None,
                None,
                None,
                None,
            ]
