"""Prints a key and a certificate of it for a host name, good for a day. Node makes keys, but no certificates."""

import sys
from datetime import datetime, timedelta, timezone

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

host = sys.argv[1]
key = ec.generate_private_key(ec.SECP256R1())
name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
now = datetime.now(timezone.utc)
certificate = (
    x509.CertificateBuilder()
    .subject_name(name)
    .issuer_name(name)
    .public_key(key.public_key())
    .serial_number(x509.random_serial_number())
    .not_valid_before(now - timedelta(minutes=1))
    .not_valid_after(now + timedelta(days=1))
    .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
    .sign(key, hashes.SHA256())
)
pem = serialization.Encoding.PEM
pkcs8, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
sys.stdout.buffer.write(key.private_bytes(pem, pkcs8, plain) + certificate.public_bytes(pem))
