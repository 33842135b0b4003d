"""The emulator of the Terraform tests, with a cluster that takes its time and leads to the API server of the rehearsal.

While the file CUT_OFF is there, S3 drops every connection. CREATING is how many seconds a cluster takes. API_URL and API_CA (a
file) are those of the API server, where there is one; its webhook for tokens is here too.
"""

import base64
import os
import runpy
import socket
import sys
import time
from pathlib import Path
from typing import Any

import authenticator
from moto.eks.models import Cluster
from werkzeug import serving

EMULATOR = Path(__file__).parents[1] / "terraform/emulator.py"
sys.path.insert(0, str(EMULATOR.parent))
from emulator_gaps import Eks  # noqa: E402

make = Cluster.__init__


def make_usable(cluster: Cluster, *args: Any, **kwargs: Any) -> None:
    make(cluster, *args, **kwargs)
    if "API_URL" in os.environ:
        cluster.certificate_authority = {"data": base64.b64encode(Path(os.environ["API_CA"]).read_bytes()).decode()}
        cluster.endpoint = os.environ["API_URL"]
    cluster.active_at = time.monotonic() + float(os.environ.get("CREATING", "0"))


def status(cluster: Cluster) -> str:
    return "ACTIVE" if time.monotonic() >= getattr(cluster, "active_at", 0) else "CREATING"


def serve(host: str, port: int, application: Any, **options: Any) -> None:
    def serve_or_not(environ: dict[str, Any], start_response: Any) -> Any:
        if environ["PATH_INFO"] == "/authenticate":
            return authenticator.answer(environ, Eks)(environ, start_response)
        if "/s3/aws4_request" in environ.get("HTTP_AUTHORIZATION", "") and Path(os.environ["CUT_OFF"]).exists():
            environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
            raise ConnectionError("cut off")
        return application(environ, start_response)

    run_simple(host, port, serve_or_not, **options)


run_simple = serving.run_simple
serving.run_simple = serve
Cluster.__init__ = make_usable
# Moto sets it once; here it is a matter of the time.
Cluster.status = property(status, lambda cluster, value: None)
runpy.run_path(str(EMULATOR), run_name="__main__")
