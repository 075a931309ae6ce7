"""A certificate authority for this machine: made once, used again, and trusted by nobody who is not told to.

Its folder has `ca.pem`, which clients are given, and `ca-key.pem`, which vouches for any name and is its owner's only.
"""

import os
import shutil
import stat
import sys
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from tempfile import mkdtemp

import platformdirs
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from trunkline.settings import Settings

NAMES = ("localhost", "127.0.0.1", "::1", "api.hubapi.com", "api.hubspot.com", "app.hubspot.com")
"""What every certificate is good for."""

AUTHORITY_DAYS = 3650
SERVER_DAYS = 397
"""Days for which certificates are good; more than 398 some clients refuse of a server."""

FEWEST_DAYS = 30
"""Days before its end at which an authority has a successor."""

_NO_USE = dict.fromkeys(
    (
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "encipher_only",
        "decipher_only",
    ),
    False,
)


class Authority:
    """The authority in a folder, which is made when it is not there. Raises `OSError` with a sentence."""

    def __init__(self, folder: Path) -> None:
        self.certificate = folder / "ca.pem"
        self._key = folder / "ca-key.pem"
        if self._has_ended():
            shutil.rmtree(folder)
        if not self.certificate.exists():
            _make(folder)
        self._require_private()

    def issue(self, names: Iterable[str]) -> str:
        """The certificate and key of a server with these names and addresses beside `NAMES`, as PEM."""
        authority = x509.load_pem_x509_certificate(self.certificate.read_bytes())
        signer = load_pem_private_key(self._key.read_bytes(), None)
        assert isinstance(signer, ec.EllipticCurvePrivateKey), "the key is one that was made here"
        key = ec.generate_private_key(ec.SECP256R1())
        end = min(_now() + timedelta(SERVER_DAYS), authority.not_valid_after_utc)
        all_names = [_general(name) for name in dict.fromkeys((*NAMES, *names))]
        certificate = (
            _begun("Trunkline", authority.subject, key.public_key(), end)
            .add_extension(x509.SubjectAlternativeName(all_names), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.public_key()),  # type: ignore[arg-type]
                critical=False,
            )
            .sign(signer, hashes.SHA256())
        )
        return (certificate.public_bytes(Encoding.PEM) + _text_of(key)).decode()

    def _has_ended(self) -> bool:
        try:
            certificate = x509.load_pem_x509_certificate(self.certificate.read_bytes())
        except FileNotFoundError:
            return False
        except ValueError as cause:
            raise OSError(f"{self.certificate} is no certificate. Remove its folder to have another made.") from cause
        return certificate.not_valid_after_utc - _now() < timedelta(FEWEST_DAYS)

    def _require_private(self) -> None:
        if sys.platform != "win32" and stat.S_IMODE(self._key.stat().st_mode) & 0o077:
            raise OSError(f"{self._key} can be read by others, who could pass for any server. Run chmod 600 on it.")


def authority_of(settings: Settings) -> Authority:
    """The authority of the folder in the settings, else of the user's. Raises `OSError` with a sentence."""
    folder = (
        Path(settings.tls_folder) if settings.tls_folder else platformdirs.user_data_path("trunkline") / "authority"
    )
    try:
        return Authority(folder)
    except PermissionError as cause:
        raise OSError(f"{cause}. Name another folder for the certificates with --tls-folder.") from cause


def certificate_for(settings: Settings) -> str:
    """The certificate and key of the server of these settings, as PEM. Raises `OSError` and `ValueError`."""
    names = [name for name in settings.tls_name.replace(",", " ").split() if name]
    if settings.host not in ("0.0.0.0", "::"):
        names.append(settings.host)
    return authority_of(settings).issue(names)


def _make(folder: Path) -> None:
    """Makes a whole folder and then gives it its name, so that of two who do it at once one finds the other's."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    new = Path(mkdtemp(dir=folder.parent))
    try:
        _fill(new)
        new.chmod(0o755)
        new.rename(folder)
    except OSError:
        shutil.rmtree(new)
        if not (folder / "ca.pem").exists():
            raise


def _fill(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = f"Trunkline on {os.uname().nodename}" if sys.platform != "win32" else "Trunkline"
    subject = _named(name[:64])
    certificate = (
        _begun(name[:64], subject, key.public_key(), _now() + timedelta(AUTHORITY_DAYS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "ca.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    with open(os.open(folder / "ca-key.pem", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(_text_of(key))


def _begun(name: str, issuer: x509.Name, key: ec.EllipticCurvePublicKey, end: datetime) -> x509.CertificateBuilder:
    """What both kinds of certificates have; good from an hour ago, for clients whose clock is slow."""
    return (
        x509.CertificateBuilder()
        .subject_name(_named(name))
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(_now() - timedelta(hours=1))
        .not_valid_after(end)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        **_NO_USE,
    )


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _text_of(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _now() -> datetime:
    return datetime.now(UTC)
