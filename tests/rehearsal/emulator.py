"""The emulator of the Terraform tests, with a cluster whose certificate authority is one, as providers check it."""

import base64
import datetime
import runpy
import sys
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from moto.eks.models import Cluster

make = Cluster.__init__


def certificate() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "rehearsal")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM)


def make_with_certificate(cluster: Cluster, *args: Any, **kwargs: Any) -> None:
    make(cluster, *args, **kwargs)
    cluster.certificate_authority = {"data": base64.b64encode(certificate()).decode()}


Cluster.__init__ = make_with_certificate
emulator = Path(__file__).parents[1] / "terraform/emulator.py"
sys.path.insert(0, str(emulator.parent))
runpy.run_path(str(emulator), run_name="__main__")
