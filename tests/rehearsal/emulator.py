"""The emulator of the Terraform tests, with a cluster whose certificate authority decodes to text, as that of EKS does."""

import base64
import runpy
import sys
from pathlib import Path
from typing import Any

from moto.eks.models import Cluster

make = Cluster.__init__


def make_with_certificate(cluster: Cluster, *args: Any, **kwargs: Any) -> None:
    make(cluster, *args, **kwargs)
    cluster.certificate_authority = {"data": base64.b64encode(b"-----BEGIN CERTIFICATE-----\n").decode()}


Cluster.__init__ = make_with_certificate
emulator = Path(__file__).parents[1] / "terraform/emulator.py"
sys.path.insert(0, str(emulator.parent))
runpy.run_path(str(emulator), run_name="__main__")
