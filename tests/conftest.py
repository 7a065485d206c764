"""What every test shares: clients that are made at once, and what was collected is not looked through for garbage."""

from __future__ import annotations

import gc
import os
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import certifi
import pytest

_END = "-----END CERTIFICATE-----\n"


def pytest_collection_finish() -> None:
    """Leave the tests and modules themselves out of every later search for garbage: each went through all of them."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def one_certificate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let clients trust one authority of the usual bundle: reading all of them was a quarter of the suite's time.

    Every client still makes a context of its own, and a bundle that a test names itself is read as it is.
    """
    usual = {certifi.where(), os.environ.get("SSL_CERT_FILE") or certifi.where()}
    one, read = tmp_path_factory.mktemp("certificates") / "one.pem", ssl.create_default_context
    one.write_text(Path(certifi.where()).read_text().partition(_END)[0] + _END)

    def quick(*args: Any, cafile: str | None = None, **more: Any) -> ssl.SSLContext:
        return read(*args, cafile=str(one) if cafile in usual else cafile, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ssl, "create_default_context", quick)
        yield
