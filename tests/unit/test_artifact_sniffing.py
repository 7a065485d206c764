"""What a file is, by its content: formats, kinds, wholeness and suffixes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import media_samples as media
from taskferry.artifacts.checking import Checked, check
from taskferry.artifacts.sniff import recognise
from taskferry.artifacts.wholeness import shortfall
from taskferry.errors import ArtifactError
from taskferry.task import Artifact, Kind

FORMATS = [
    (media.png(), "image/png"),
    (media.jpeg(), "image/jpeg"),
    (media.riff(b"WEBP"), "image/webp"),
    (b"GIF89a" + bytes(20), "image/gif"),
    (media.mp4(b"avif"), "image/avif"),
    (b"<?xml version='1.0'?>\n<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml"),
    (b"BM" + (30).to_bytes(4, "little") + bytes(24), "image/bmp"),
    (media.mp4(), "video/mp4"),
    (media.mp4(b"qt  "), "video/quicktime"),
    (media.mp4()[24:], "video/quicktime"),
    (media.webm(), "video/webm"),
    (media.riff(b"AVI "), "video/x-msvideo"),
    (media.mp3(), "audio/mpeg"),
    (media.mp3(tag=False), "audio/mpeg"),
    (b"\xff\xf1\x50\x80" + bytes(50), "audio/aac"),
    (media.mp4(b"M4A "), "audio/mp4"),
    (media.riff(b"WAVE"), "audio/wav"),
    (b"OggS" + bytes(50), "audio/ogg"),
    (b"fLaC" + bytes(50), "audio/flac"),
    (media.glb(), "model/gltf-binary"),
    (media.gltf(), "model/gltf+json"),
    (media.fbx(), "model/fbx"),
    (media.OBJ, "model/obj"),
    (media.TEXT_STL, "model/stl"),
    (media.binary_stl(), "model/stl"),
    (b"ply\nformat ascii 1.0\n", "model/ply"),
    (b"#usda 1.0\n", "model/vnd.usda"),
    (media.archive("fox.usdc"), "model/vnd.usdz+zip"),
    (b"<?xml version='1.0'?><COLLADA version='1.4.1'>", "model/vnd.collada+xml"),
    (media.archive(), "application/zip"),
    (media.pdf(), "application/pdf"),
    (media.HTML_PAGE, "text/html"),
    (b"\xef\xbb\xbf  <html lang=en>", "text/html"),
    (media.XML_ERROR, "application/xml"),
    (b"<Error><Code>x</Code></Error>", "application/xml"),
    (b'{"error": {"message": "no"}}', "application/json"),
    ("Internal error, sorry: Füchse".encode(), "text/plain"),
    ("Leider nicht".encode("utf-16"), "text/plain"),
    (bytes(range(256)), None),
]


def the_file(folder: Path, content: bytes) -> Path:
    """A file with this content."""
    path = folder / "x.part"
    path.write_bytes(content)
    return path


def checked(folder: Path, content: bytes, kind: Kind, url: str, *types: str) -> Checked:
    """What `check` says about content from this URL; types are the server's and the provider's."""
    declared, told = (*types, None, None)[:2]
    return check(the_file(folder, content), Artifact(name="fox", kind=kind, media_type=told), [url], declared)


@pytest.mark.parametrize(("content", "media_type"), FORMATS, ids=[str(found) for _, found in FORMATS])
def test_a_format_is_known_by_its_content(content: bytes, media_type: str | None) -> None:
    """Without name or header."""
    assert recognise(content, len(content)) == media_type


@given(head=st.binary(max_size=600), size=st.integers(1, 10_000))
def test_any_bytes_are_looked_at_without_error(head: bytes, size: int) -> None:
    """A provider may send anything."""
    found = recognise(head, size)

    assert found is None or "/" in found


@pytest.mark.parametrize(
    "make",
    [
        media.glb,
        media.gltf,
        media.fbx,
        lambda: media.fbx(7700),
        media.archive,
        media.pdf,
        media.png,
        media.jpeg,
        lambda: media.riff(b"WAVE"),
        media.mp4,
        media.webm,
    ],
)
def test_a_file_cut_short_is_told_from_a_whole_one(tmp_path: Path, make: Callable[[], bytes]) -> None:
    """By the length or the end that its format declares."""
    whole = make()
    media_type = str(recognise(whole, len(whole)))
    cut = whole[: max(len(whole) // 2, 40)]

    said = (shortfall(the_file(tmp_path, whole), media_type), shortfall(the_file(tmp_path, cut), media_type))

    assert said[0] is None
    assert said[1] is not None


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b"RIFF\xff\xff\xff\xffWAVE" + bytes(90), "audio/wav"),
        (media.mp4()[:-58] + b"\x00\x00\x00\x00mdat" + bytes(90), "video/mp4"),
        (b"\x1a\x45\xdf\xa3\x80\x18\x53\x80\x67\x01" + b"\xff" * 7 + bytes(90), "video/webm"),
        (media.mp4() + bytes(90), "video/mp4"),
        (b"\x1a\x45\xdf\xa3\x80\xec\x81\x00" + bytes(90), "video/webm"),
        (b"; FBX 7.3.0 project file", "model/fbx"),
        (media.png() + b"notes of an editor", "image/png"),
        (b"anything", "audio/mpeg"),
    ],
)
def test_a_file_that_tells_no_length_counts_as_whole(tmp_path: Path, content: bytes, media_type: str) -> None:
    """Programs that stream write lengths that say nothing; those are not held against a result that was paid for."""
    assert shortfall(the_file(tmp_path, content), media_type) is None


@given(content=st.binary(min_size=1, max_size=200), start=st.sampled_from([value for value, _ in FORMATS]))
def test_broken_files_are_judged_without_error(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, start: bytes
) -> None:
    """Whatever follows a known beginning."""
    broken = start[: len(content)] + content
    path = the_file(tmp_path_factory.getbasetemp(), broken)

    said = shortfall(path, recognise(broken, len(broken)) or "")

    assert said is None or said.startswith("it")


def test_a_glb_of_another_version_is_refused(tmp_path: Path) -> None:
    """Nothing opens version 1 any more."""
    with pytest.raises(ArtifactError, match="GLB version 1"):
        checked(tmp_path, media.glb(version=1), Kind.MODEL, "https://cdn.example/fox.glb")


@pytest.mark.parametrize(
    ("content", "kind", "said"),
    [
        (media.HTML_PAGE, Kind.MODEL, r"fox is an HTML page \(502 Bad Gateway nginx\), not a model"),
        (media.XML_ERROR, Kind.VIDEO, r"fox is an XML document \(AccessDenied Expired\), not a video"),
        (media.XML_ERROR, Kind.OTHER, r"fox is an XML document .*, not a result"),
        (b'{"detail": "gone"}', Kind.IMAGE, "fox is a JSON document .*, not an image"),
        (b"Internal error", Kind.MODEL, r"fox is plain text \(Internal error\), not a model"),
        (media.png(), Kind.VIDEO, "fox is a PNG image, not a video"),
        (media.mp4(), Kind.IMAGE, "fox is an MP4 video, not an image"),
        (media.mp3(), Kind.VIDEO, "fox is an MP3 recording, not a video"),
        (media.glb()[:-4], Kind.MODEL, "fox is a GLB model that is not whole"),
        (bytes(range(256)), Kind.AUDIO, "of no format that is known"),
    ],
)
def test_content_that_is_not_what_was_promised_is_refused(
    tmp_path: Path, content: bytes, kind: Kind, said: str
) -> None:
    """The error says what it is instead, with the page's own words."""
    with pytest.raises(ArtifactError, match=said):
        checked(tmp_path, content, kind, "https://cdn.example/fox")


def test_an_error_page_is_refused_even_if_its_header_admits_it(tmp_path: Path) -> None:
    """What counts is what the provider promised, not what its server sent."""
    with pytest.raises(ArtifactError, match="HTML page"):
        checked(tmp_path, media.HTML_PAGE, Kind.DOCUMENT, "https://cdn.example/fox", "text/html")


def test_a_page_that_was_promised_is_taken(tmp_path: Path) -> None:
    """A report may well be HTML."""
    assert checked(tmp_path, media.HTML_PAGE, Kind.DOCUMENT, "https://cdn.example/report.html").suffix == ".html"


def test_a_broken_file_of_a_known_format_is_refused(tmp_path: Path) -> None:
    """A file that is called GLB has to begin as one."""
    with pytest.raises(ArtifactError, match="should be a GLB model"):
        checked(tmp_path, bytes(range(256)), Kind.MODEL, "https://cdn.example/fox.glb")


def test_a_format_that_is_not_known_here_is_taken_at_its_word(tmp_path: Path) -> None:
    """Providers come up with new formats sooner than we do, and the result is paid for."""
    splat = checked(tmp_path, bytes(range(256)), Kind.MODEL, "https://cdn.example/fox.splat?sig=1")
    sound = checked(tmp_path, bytes(range(256)), Kind.AUDIO, "https://cdn.example/fox", "audio/x-new; rate=48000")

    assert (splat.suffix, splat.media_type) == (".splat", None)
    assert (sound.suffix, sound.media_type) == (".bin", "audio/x-new")


@pytest.mark.parametrize(
    ("content", "kind", "url", "types", "expected"),
    [
        (media.jpeg(), Kind.IMAGE, "https://c/fox.png", ("image/png",), (".jpg", "image/jpeg")),
        (media.mp4(), Kind.AUDIO, "https://c/fox.m4a", (), (".m4a", "audio/mp4")),
        (media.mp4(), Kind.VIDEO, "https://c/fox", ("audio/mp4",), (".mp4", "video/mp4")),
        (media.archive(), Kind.MODEL, "https://c/fox.3mf", (), (".3mf", "model/3mf")),
        (media.archive(), Kind.MODEL, "https://c/fox.fbx", (), (".zip", "application/zip")),
        (b"1\n00:00 --> 00:01\nfox", Kind.OTHER, "https://c/fox.srt", (), (".srt", "text/plain")),
        (b"fox", Kind.OTHER, "https://c/fox.png", (), (".txt", "text/plain")),
        (bytes(range(256)), Kind.OTHER, "https://c/fox", ("application/x-tar",), (".tar", "application/x-tar")),
        (bytes(range(256)), Kind.OTHER, "https://c/a.b/%2e.%2Fx", ("application/octet-stream",), (".bin", None)),
    ],
)
def test_the_suffix_goes_by_content_then_url_then_media_type(
    tmp_path: Path, content: bytes, kind: Kind, url: str, types: tuple[str, ...], expected: tuple[str, str | None]
) -> None:
    """Names and headers only add what the content leaves open."""
    seen = checked(tmp_path, content, kind, url, *types)

    assert (seen.suffix, seen.media_type) == expected
