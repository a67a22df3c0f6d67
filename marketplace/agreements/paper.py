"""The paper: a document as PDF, and the house's signature in it (PAdES), which whoever has the file can check without us."""

import hashlib
import io
import unicodedata
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings
from PIL import ImageFile
from pyhanko.keys import load_certs_from_pemder_data, load_private_key_from_pemder_data
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import fields, signers
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

FIELD = "Callboard"
FONTS = Path(settings.ROOT) / "callboard" / "static" / "fonts"


class NothingIsFetched(ValueError):
    """A document asks for something from elsewhere: it would show other than what was signed."""


class LettersMissing(ValueError):
    """No font of this machine has a letter of the document: it would show boxes where a name stands."""


def printed(html: str) -> bytes:
    """The page as a PDF, with the house's own fonts, for other scripts those of the machine, and nothing from anywhere else.

    Raises OSError where Pango is not installed, LettersMissing where a script's font is not (README.md), NothingIsFetched.
    """
    from weasyprint import HTML  # noqa: PLC0415 -- loads Pango, which few processes need
    from weasyprint.urls import URLFetcher, URLFetcherResponse  # noqa: PLC0415 -- likewise

    class OwnFonts(URLFetcher):  # type: ignore[misc] # weasyprint says no types here
        def fetch(self, url: str, headers: object = None) -> URLFetcherResponse:
            return URLFetcherResponse(url, _own_font(url), {"Content-Type": "font/woff2"})

    # WeasyPrint lets the whole process read pictures that are cut off; what people send us stays read as strictly as before.
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    document = HTML(string=html, base_url=FONTS.as_uri() + "/", url_fetcher=OwnFonts()).render()
    made: bytes = document.write_pdf()
    _refuse_boxes(letter for font in document.fonts.values() for letter in font.missing)
    return made


def _refuse_boxes(missing: Iterable[int]) -> None:
    """Of letters, marks and digits; a picture in a title is no part of a name."""
    letters = sorted({chr(each) for each in missing if unicodedata.category(chr(each))[0] in "LMN"})
    if letters:
        said = (
            f"No font here has {' '.join(letters)}: install one, such as fonts-noto-core or fonts-noto-cjk."
        )
        raise LettersMissing(said)


def _own_font(url: str) -> bytes:
    name = url.removeprefix(FONTS.as_uri() + "/")
    path = FONTS / name
    if "/" in name or path.suffix != ".woff2" or not path.is_file():
        raise NothingIsFetched(url)
    return path.read_bytes()


def sealed(pdf: bytes, *, certificates: str, key: str, reason: str) -> bytes:
    """The same with a PAdES signature over every byte of it. `certificates`: the house's own first, then those that vouch
    for it, as PEM; `key`: the private half of the first."""
    own, *others = load_certs_from_pemder_data(certificates.encode())
    store = SimpleCertificateStore()  # type: ignore[no-untyped-call] # pyhanko says no types here
    store.register_multiple([own, *others])
    signer = signers.SimpleSigner(
        own, load_private_key_from_pemder_data(key.encode(), passphrase=None), store
    )
    said = signers.PdfSignatureMetadata(
        field_name=FIELD, md_algorithm="sha256", reason=reason, subfilter=fields.SigSeedSubFilter.PADES
    )
    out: io.BytesIO = signers.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)), said, signer)
    return out.getvalue()


def is_whole(pdf: bytes, *, certificates: str) -> bool:
    """Whether it is signed under these certificates, and not a byte is other than it was then."""
    roots = list(load_certs_from_pemder_data(certificates.encode()))
    try:
        (signature,) = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
        found = validate_pdf_signature(
            signature, ValidationContext(trust_roots=roots[-1:], other_certs=roots)
        )
    except Exception:  # a broken file breaks wherever the byte stood
        return False
    return bool(found.bottom_line and found.coverage == SignatureCoverageLevel.ENTIRE_FILE)


def fingerprint(certificates: str) -> str:
    """SHA-256 of the certificate that signs."""
    own, *_ = load_certs_from_pemder_data(certificates.encode())
    return hashlib.sha256(own.dump()).hexdigest()
