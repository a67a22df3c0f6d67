"""Sheets that are printed when they are asked for: their figures come from the books, and no copy of them is kept."""

from django.http import HttpResponse

from kit.errors import DomainError
from marketplace.agreements import paper


class CannotPrint(DomainError):
    """Take the CSV: it has the same figures. Who runs the house installs Pango, or the font that is missing (docker/README.md)."""

    code = "cannot_print"
    status = 503
    title = "This house cannot make PDFs now"


def printed(html: str) -> bytes:
    """The sheet as PDF. Raises CannotPrint (503) where the system has no Pango, or no font for a name."""
    try:
        return paper.printed(html)
    except OSError as error:
        raise CannotPrint("The library that lays out PDFs is missing.") from error
    except paper.LettersMissing as error:
        raise CannotPrint(str(error)) from error


def pdf_file(name: str, content: bytes) -> HttpResponse:
    """A PDF to keep, under `name`, which is of our own making."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    return HttpResponse(content, content_type="application/pdf", headers=headers)
