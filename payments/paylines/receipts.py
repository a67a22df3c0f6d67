"""What proves an expense: a PDF or a picture, told by what it begins with, never by its name."""

import base64
import binascii
from hashlib import sha256

from kit.errors import Invalid
from payments.paylines.models import Receipt

MOST_BYTES = 10_000_000
# In base 64, four letters for three bytes.
MOST_LETTERS = 4 * -(-MOST_BYTES // 3)
BEGINS = {
    b"%PDF-": Receipt.Form.PDF,
    b"\xff\xd8\xff": Receipt.Form.JPEG,
    b"\x89PNG\r\n\x1a\n": Receipt.Form.PNG,
}


def read(content: bytes) -> Receipt:
    """A receipt, not yet saved. Raises Invalid (422) for what is empty, too large, or neither a PDF nor a JPEG or PNG."""
    if not content:
        raise Invalid.field("receipt", "Add the receipt.", code="required")
    if len(content) > MOST_BYTES:
        raise Invalid.field("receipt", f"At most {MOST_BYTES // 1_000_000} MB.", code="max_length")
    form = next((form for begin, form in BEGINS.items() if content.startswith(begin)), None)
    if form is None:
        raise Invalid.field("receipt", "A PDF, or a picture as JPEG or PNG.", code="unknown_form")
    return Receipt(form=form, content=content, size=len(content), sha256=sha256(content).hexdigest())


def decoded(text: str) -> bytes:
    """What an app sends in base 64. Raises Invalid (422) for what is none."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Invalid.field("receipt", "Send the file's bytes in base 64.", code="no_base64") from error
