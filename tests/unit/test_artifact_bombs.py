"""Files that are small on the disk and enormous once opened, or that hold what nothing can play."""

from __future__ import annotations

import io
import re
import struct
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import media_samples as media
from taskferry.artifacts.bombs import danger
from taskferry.artifacts.checking import check
from taskferry.artifacts.limits import MIB
from taskferry.artifacts.wholeness import shortfall
from taskferry.errors import ArtifactError
from taskferry.task import Artifact, Kind

TYPES = (
    "application/zip",
    "model/3mf",
    "image/png",
    "image/gif",
    "image/bmp",
    "image/jpeg",
    "video/mp4",
    "model/gltf-binary",
)


def put(folder: Path, content: bytes) -> Path:
    """Write a file."""
    path = folder / "file"
    path.write_bytes(content)
    return path


def packed(*files: tuple[str, bytes]) -> bytes:
    """A ZIP of these files."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            # a date of its own, so that every process of a test run makes the same bytes
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return held.getvalue()


def jpeg(width: int, height: int) -> bytes:
    """A JPEG up to its size, with a table before it."""
    table = b"\xff\xdb" + struct.pack(">H", 67) + bytes(65)
    size = b"\xff\xff\xc2" + struct.pack(">HBHHB", 17, 8, height, width, 3) + bytes(9)
    return b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(10) + table + size + b"\xff\xd9"


def lying_over_each_other() -> bytes:
    """A ZIP whose directory names one content many times."""
    one = packed(("a.bin", bytes(300_000)))
    start = one.rindex(b"PK\x01\x02")
    end = one.rindex(b"PK\x05\x06")
    entries = one[start:end] * 200
    tail = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 200, 200, len(entries), start, 0)
    return one[:start] + entries + tail


BOMB = packed(("a.bin", bytes(80 * MIB)))


def named(value: object) -> str | None:
    """Keep contents out of the names of tests."""
    return "file" if isinstance(value, bytes) else None


@pytest.mark.parametrize(
    ("content", "media_type", "said"),
    [
        (BOMB, "application/zip", r"unpacks from .* KB to 80\.0 MB"),
        (BOMB, "model/vnd.usdz+zip", "unpacks from"),
        (lying_over_each_other(), "model/3mf", "lie over each other"),
        (packed(("../../.bashrc", b"x")), "application/zip", r"outside of its folder \('../../.bashrc'\)"),
        (packed(("..\\evil.dll", b"x")), "application/zip", "outside of its folder"),
        (packed(("/etc/passwd", b"x")), "application/zip", "outside of its folder"),
        (packed(("C:evil.dll", b"x")), "application/zip", "outside of its folder"),
        (b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 9, 9, 2**31, 0, 0), "model/3mf", r"directory alone has 2\.0 GB"),
        (b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 9, 9, 5000, 0, 0), "model/3mf", "directory cannot be read"),
        (media.png(100_000, 100_000), "image/png", "unfolds to 100,000 by 100,000 pixels"),
        (b"GIF89a" + struct.pack("<HH", 65535, 65535), "image/gif", "65,535 by 65,535"),
        (b"BM" + bytes(16) + struct.pack("<ii", 70_000, -70_000), "image/bmp", "70,000 by 70,000"),
        (jpeg(60_000, 60_000), "image/jpeg", "60,000 by 60,000"),
    ],
    ids=named,
)
def test_a_bomb_is_found_without_opening_it(tmp_path: Path, content: bytes, media_type: str, said: str) -> None:
    """From its directory or its header alone."""
    reason = danger(put(tmp_path, content), media_type)

    assert re.search(said, reason or "")


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (packed(("model.obj", media.OBJ * 5000), ("textures/a..b.png", media.png())), "application/zip"),
        (packed(("a.bin", bytes(30 * MIB))), "application/zip"),
        (media.png(16_384, 16_384), "image/png"),
        (jpeg(16_384, 16_384), "image/jpeg"),
        (media.jpeg(), "image/jpeg"),
        (b"\xff\xd8\xff", "image/jpeg"),
        (media.glb(), "model/gltf-binary"),
    ],
    ids=named,
)
def test_what_providers_sell_is_no_bomb(tmp_path: Path, content: bytes, media_type: str) -> None:
    """Models with many zeros and the largest upscaled pictures included."""
    assert danger(put(tmp_path, content), media_type) is None


def test_a_bomb_is_refused_as_a_result(tmp_path: Path) -> None:
    """By its content, whatever it is called."""
    path = put(tmp_path, media.png(100_000, 100_000))

    with pytest.raises(ArtifactError, match="image is a PNG image that is not safe to open: it unfolds"):
        check(path, Artifact(name="image", kind=Kind.IMAGE), ["https://cdn.example/1.png"], None)


@pytest.mark.parametrize(
    ("content", "media_type", "said"),
    [
        (media.mp4().replace(b"moov", b"free"), "video/mp4", "its index is missing (the box moov)"),
        (media.glb().replace(b"JSON", b"BIN\0"), "model/gltf-binary", "it has no scene (the chunk JSON)"),
        (media.glb()[:12].replace(b"\x38", b"\x0c"), "model/gltf-binary", "it should have"),
        (media.png().replace(b"IHDR", b"IDAT"), "image/png", "its header is missing (the chunk IHDR)"),
        (media.png(0, 0), "image/png", "its header is missing (the chunk IHDR)"),
    ],
    ids=named,
)
def test_what_nothing_can_play_is_not_whole(tmp_path: Path, content: bytes, media_type: str, said: str) -> None:
    """Although its lengths agree."""
    found = shortfall(put(tmp_path, content), media_type)

    assert found is not None
    assert found.startswith(said)


@given(content=st.binary(min_size=1, max_size=400), media_type=st.sampled_from(TYPES), magic=st.booleans())
def test_any_bytes_can_be_looked_at(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, media_type: str, magic: bool
) -> None:
    """Whatever a provider sends, it gets an answer and no traceback."""
    beginnings = {"application/zip": b"PK\x03\x04", "image/png": media.png()[:16], "image/jpeg": b"\xff\xd8\xff\xe0"}
    begun = beginnings.get(media_type, b"") + content + b"PK\x05\x06" + content if magic else content
    path = put(tmp_path_factory.getbasetemp(), begun)

    reasons = (danger(path, media_type), shortfall(path, media_type))

    assert all(reason is None or isinstance(reason, str) for reason in reasons)
