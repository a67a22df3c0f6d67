"""Journal entries as QuickBooks Online imports them.

The rules are those of Intuit's own page, quickbooks.intuit.com/learn-support, “Import journal entries in QuickBooks Online”
(L4tQBwbs7): number, date, account, description, debits and credits; a sub-account by `Parent account:Subaccount`, as its own
name alone is refused; a name on each line of accounts receivable or payable. A number has 21 characters at most
(support.transactionpro.com, article 492). That a file has 1,000 rows at most is written from memory.
"""

from collections.abc import Iterator, Mapping, Sequence

from kit.csv_files import Cell, write
from kit.instants import day_for_quickbooks
from kit.money import Money
from payments.books.chart import OF_COMPANIES
from payments.books.journals import Journal
from payments.books.models import AccountName

MOST_LINES = 1_000
HEAD = [
    "JournalNo",
    "JournalDate",
    "Currency",
    "Memo",
    "AccountName",
    "Debits",
    "Credits",
    "Description",
    "Name",
]


def file_of(journals: Sequence[Journal], names: Mapping[str, AccountName]) -> bytes:
    return write(HEAD, _rows(journals, names), for_spreadsheet=False)


def _rows(journals: Sequence[Journal], names: Mapping[str, AccountName]) -> Iterator[list[Cell]]:
    for journal in journals:
        for line in journal.lines:
            account = names[line.kind]
            yield [
                journal.number,
                day_for_quickbooks(journal.dated),
                journal.currency.upper(),
                journal.narration,
                account.name,
                Money(line.debit_minor, journal.currency) if line.debit_minor else None,
                Money(line.credit_minor, journal.currency) if line.credit_minor else None,
                line.description,
                _party(account, journal),
            ]


def _party(account: AccountName, journal: Journal) -> str:
    """Whom the line names: on a company's receivables the company, on others and on payables whom finance wrote down."""
    if account.role == AccountName.Role.ORDINARY:
        return ""
    is_the_companys = account.kind in OF_COMPANIES and journal.company_pk
    return (
        journal.company if account.role == AccountName.Role.RECEIVABLE and is_the_companys else account.party
    )
