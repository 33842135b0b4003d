"""The emulator of the Terraform tests, with a cluster that takes its time and whose endpoint and authority are usable.

While the file CUT_OFF is there, S3 drops every connection. CREATING is how many seconds a cluster takes. API_URL and API_CA (a
file) are those of a real API server; without them the authority is a certificate for nobody.
"""

import base64
import datetime
import os
import runpy
import socket
import sys
import time
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from moto.eks.models import Cluster
from werkzeug import serving

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


def make_usable(cluster: Cluster, *args: Any, **kwargs: Any) -> None:
    make(cluster, *args, **kwargs)
    authority = Path(os.environ["API_CA"]).read_bytes() if "API_CA" in os.environ else certificate()
    cluster.certificate_authority = {"data": base64.b64encode(authority).decode()}
    cluster.endpoint = os.environ.get("API_URL", cluster.endpoint)
    cluster.active_at = time.monotonic() + float(os.environ.get("CREATING", "0"))


def status(cluster: Cluster) -> str:
    return "ACTIVE" if time.monotonic() >= getattr(cluster, "active_at", 0) else "CREATING"


def serve(host: str, port: int, application: Any, **options: Any) -> None:
    def cut_off_or_serve(environ: dict[str, Any], start_response: Any) -> Any:
        if "/s3/aws4_request" in environ.get("HTTP_AUTHORIZATION", "") and Path(os.environ["CUT_OFF"]).exists():
            environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
            raise ConnectionError("cut off")
        return application(environ, start_response)

    run_simple(host, port, cut_off_or_serve, **options)


run_simple = serving.run_simple
serving.run_simple = serve
Cluster.__init__ = make_usable
# Moto sets it once; here it is a matter of the time.
Cluster.status = property(status, lambda cluster, value: None)
emulator = Path(__file__).parents[1] / "terraform/emulator.py"
sys.path.insert(0, str(emulator.parent))
runpy.run_path(str(emulator), run_name="__main__")
