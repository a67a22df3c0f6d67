"""Certificates that an embedded house makes for itself: what it signs can be checked, and is vouched for by nobody else."""

from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

LASTS = timedelta(days=3_650)
# C2PA's own key purpose, to sign claims about a file; and the one of before it, which readers still ask for.
CLAIM_SIGNING = (x509.ObjectIdentifier("1.3.6.1.4.1.62558.2.1"), ExtendedKeyUsageOID.EMAIL_PROTECTION)
USAGES = (
    "digital_signature",
    "content_commitment",
    "key_cert_sign",
    "crl_sign",
    "key_agreement",
    "key_encipherment",
    "data_encipherment",
    "encipher_only",
    "decipher_only",
)


def made(name: str = "Callboard, an embedded house") -> dict[str, str]:
    """The pair, as PEM, by the names of their settings."""
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _of(key, name, issuer=name, usage=_usage("digital_signature", "content_commitment"))
    return {"AGREEMENT_CERT": _pem(certificate.sign(key, hashes.SHA256())), "AGREEMENT_KEY": _private(key)}


def made_for_recordings(name: str = "Callboard, an embedded house") -> dict[str, str]:
    """The same for recordings: as C2PA wants it, a certificate for nothing but claims, under a root of its own whose key is
    forgotten at once."""
    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root_name = f"{name}, root"
    root = _of(root_key, root_name, issuer=root_name, usage=_usage("key_cert_sign", "crl_sign"), is_root=True)
    own = (
        _of(key, name, issuer=root_name, usage=_usage("digital_signature"))
        .add_extension(x509.ExtendedKeyUsage(CLAIM_SIGNING), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), critical=False
        )
    )
    chain = _pem(own.sign(root_key, hashes.SHA256())) + _pem(root.sign(root_key, hashes.SHA256()))
    return {"PROVENANCE_CERT": chain, "PROVENANCE_KEY": _private(key)}


def _of(
    key: ec.EllipticCurvePrivateKey, name: str, *, issuer: str, usage: x509.KeyUsage, is_root: bool = False
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(_called(name))
        .issuer_name(_called(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + LASTS)
        .add_extension(x509.BasicConstraints(ca=is_root, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _called(name: str) -> x509.Name:
    # Readers of C2PA show the organisation.
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Callboard"),
            x509.NameAttribute(NameOID.COMMON_NAME, name),
        ]
    )


def _usage(*allowed: str) -> x509.KeyUsage:
    return x509.KeyUsage(**{name: name in allowed for name in USAGES})


def _private(key: ec.EllipticCurvePrivateKey) -> str:
    form, hidden = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, form, hidden).decode()


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()
