"""Files for the tax office's IRIS portal: one form a file, at most 100 returns in each, the columns of its template.

At most 100 returns and one form a file: IRS Publications 5717 and 5719. The portal shows the template of a year only to who is
logged in; the columns here are those of the template of 2025 as they are publicly quoted, with box 1 named 1a from 2026 on as
the form names it (Rev. December 2026). Hold them against the portal's own template before the first upload of a year. The
columns of tax numbers, and of addresses, stay empty: the house keeps neither, the filer adds them.
"""

from collections.abc import Iterator, Sequence

from kit.csv_files import Cell, write
from kit.money import Money
from payments.books.years import CURRENCY, Form, Payee

MOST_RETURNS = 100
PARTY = [
    "TIN Type",
    "Taxpayer ID Number",
    "Name Type",
    "Business or Entity Name Line 1",
    "Business or Entity Name Line 2",
    "First Name",
    "Middle Name",
    "Last Name (Surname)",
    "Suffix",
    "Country",
    "Address Line 1",
    "Address Line 2",
    "City/Town",
    "State/Province/Territory",
    "ZIP/Postal Code",
]
COMMON = [
    "Form Type",
    "Tax Year",
    *(f"Payer {name}" for name in PARTY),
    "Payer Phone Type",
    "Payer Phone",
    "Payer Email Address",
    *(f"Recipient {name}" for name in PARTY),
    "Office Code",
    "Form Account Number",
    "2nd TIN Notice",
]
DIRECT_SALES = "Payer made direct sales totaling $5000 or more of consumer products to a recipient for resale"
WITHHELD = "Box 4 - Federal income tax withheld"


def columns(form: Form, year: int) -> list[str]:
    """The head of a file of that form and year."""
    if form == Form.MISC:
        return [*COMMON, "FATCA Filing Requirements", "Box 1 - Rents", "Box 2 - Royalties", WITHHELD]
    compensation = "Box 1a" if year >= 2026 else "Box 1"
    tips = [f"Box 1{letter}" for letter in "bcd"] if year >= 2026 else []
    return [
        *COMMON,
        f"{compensation} - Nonemployee Compensation",
        *tips,
        f"Box 2 - {DIRECT_SALES}",
        WITHHELD,
    ]


def files_of(payees: Sequence[Payee]) -> list[Sequence[Payee]]:
    """The returns of each file; one with a head alone where nobody gets the form."""
    starts = range(0, len(payees), MOST_RETURNS)
    return [payees[start : start + MOST_RETURNS] for start in starts] or [[]]


def file_of(payees: Sequence[Payee], *, form: Form, year: int) -> bytes:
    head = columns(form, year)
    return write(head, _rows(payees, head, form=form, year=year), for_spreadsheet=False)


def _rows(payees: Sequence[Payee], head: Sequence[str], *, form: Form, year: int) -> Iterator[list[Cell]]:
    box = next(name for name in head if "Nonemployee" in name or name.endswith("Royalties"))
    for payee in payees:
        first, _, last = payee.performer.user.name.rpartition(" ")
        minor = payee.compensation_minor if form == Form.NEC else payee.royalties_minor
        said: dict[str, Cell] = {
            "Form Type": form.value,
            "Tax Year": year,
            "Recipient Name Type": "I",
            "Recipient First Name": first,
            "Recipient Last Name (Surname)": last,
            "Form Account Number": payee.performer_id,
            box: Money(minor, CURRENCY),
        }
        yield [said.get(name) for name in head]
