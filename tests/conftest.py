"""What every test shares, for speed: one certificate, what is installed read once, and less to search for garbage."""

from __future__ import annotations

import gc
import os
import ssl
import sysconfig
from collections.abc import Callable, Iterator
from functools import cache
from importlib.metadata import Distribution, PathDistribution
from pathlib import Path
from typing import Any

import certifi
import hypothesis  # noqa: F401 -- it looks for who holds the random generators, and does not find what is frozen
import pytest

_END = "-----END CERTIFICATE-----\n"

gc.disable()  # until all tests are collected: hardly anything that comes up meanwhile is garbage


def pytest_collection_finish() -> None:
    """Leave the tests and modules themselves out of every later search for garbage: each went through all of them."""
    gc.collect()
    gc.freeze()
    gc.enable()


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


@pytest.fixture(scope="session", autouse=True)
def what_is_installed() -> Iterator[None]:
    """Read the metadata of what is installed beside pytest once: every ferry looks through all of it for plugins.

    What a test installs in a folder of its own is read as it is.
    """
    site, read = Path(sysconfig.get_path("purelib")), PathDistribution.read_text
    text_once = cache(lambda place, name: read(PathDistribution(place), name))

    def read_text(one: Any, name: str) -> str | None:
        place = one._path  # there is no public way to tell where a distribution is
        return text_once(place, name) if place.parent == site else read(one, name)

    def parsed_once(parse: Callable[[Distribution], Any]) -> property:
        once = cache(lambda place: parse(PathDistribution(place)))
        return property(lambda one: once(one._path) if one._path.parent == site else parse(one))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PathDistribution, "read_text", read_text)
        for name in ("metadata", "entry_points"):
            patch.setattr(PathDistribution, name, parsed_once(getattr(Distribution, name).fget), raising=False)
        yield
