"""What Tripo's stand-in takes in and hands out: uploads, signed URLs, and media of every capability."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
import trimesh
from PIL import Image

from integration.acme_stand_in import Clock
from integration.tripo_client import IMAGE_TO_MODEL, PNG, Tripo, connected, hosted
from taskferry.sandbox import Running

URL = "https://example.com/a%20fox.png"


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[Running, Clock]]:
    """One server for the module; each test begins with a reset."""
    with hosted() as tripo_and_clock:
        yield tripo_and_clock


@pytest.fixture
def tripo(server: tuple[Running, Clock]) -> Iterator[Tripo]:
    """A client with the stand-in's own key, at a stand-in that has forgotten everything."""
    with connected(server) as tripo:
        yield tripo


def fetched(url: str) -> httpx.Response:
    """Download without a key, as from any file host."""
    return httpx.get(url, timeout=30)


def test_a_model_is_a_whole_textured_glb(tripo: Tripo) -> None:
    """With the length its header says, a mesh and a material with a picture."""
    reply = fetched(tripo.finished(prompt="a fox")["output"]["model_url"])

    assert reply.headers["Content-Type"] == "model/gltf-binary"
    assert int.from_bytes(reply.content[8:12], "little") == len(reply.content)
    mesh = next(iter(trimesh.load_scene(io.BytesIO(reply.content), file_type="glb").geometry.values()))
    assert mesh.visual.material.baseColorTexture is not None


def test_a_preview_is_a_webp(tripo: Tripo) -> None:
    """Shaded, from one side."""
    reply = fetched(tripo.finished(prompt="a fox")["output"]["rendered_image_url"])

    with Image.open(io.BytesIO(reply.content)) as picture:
        assert picture.format == "WEBP"


def test_a_url_expires_and_another_look_signs_a_new_one(tripo: Tripo) -> None:
    """After five minutes it is 403, in the XML of an object store."""
    task = tripo.finished(prompt="a fox")
    url = task["output"]["model_url"]

    tripo.clock.now += 300
    expired, again = fetched(url), fetched(tripo.read(task["task_id"])["output"]["model_url"])

    assert (expired.status_code, again.status_code) == (403, 200)
    assert b"<Code>AccessDenied</Code>" in expired.content


def test_a_url_that_was_tampered_with_opens_nothing(tripo: Tripo) -> None:
    """Neither another name nor a later end."""
    url = tripo.finished(prompt="a fox")["output"]["model_url"]

    statuses = [fetched(wrong).status_code for wrong in (url.replace("exp=1", "exp=2"), url.replace("pbr", "base"))]

    assert statuses == [403, 403]


def test_urls_reach_a_client_whose_host_header_has_no_port(tripo: Tripo) -> None:
    """The vendor's client sends it so."""
    task_id = tripo.source()

    task = tripo.client.get(f"/v3/tasks/{task_id}", headers={"Host": "127.0.0.1"}).json()["data"]

    assert task["output"]["model_url"].startswith(f"{tripo.server.base_url}/cdn/")


@pytest.mark.parametrize(
    ("body", "name", "magic"),
    [
        ({}, "tripo_pbr_model.glb", b"glTF"),
        ({"texture": False, "pbr": False}, "tripo_base_model.glb", b"glTF"),
        ({"quad": True}, "tripo_pbr_model.fbx", b"Kaydara FBX Binary"),
    ],
)
def test_options_decide_what_file_it_is(tripo: Tripo, body: dict[str, Any], name: str, magic: bytes) -> None:
    """Bare models are called so, quads come as FBX."""
    url = tripo.finished(prompt="a fox", **body)["output"]["model_url"]

    assert urlsplit(url).path.endswith(f"/{name}")
    assert fetched(url).content.startswith(magic)


def test_a_limit_of_faces_is_kept(tripo: Tripo) -> None:
    """The mesh has no more."""
    url = tripo.finished(prompt="a fox", face_limit=500)["output"]["model_url"]

    mesh = trimesh.load_mesh(io.BytesIO(fetched(url).content), file_type="glb")

    assert 0 < len(mesh.faces) <= 500


def test_a_turntable_is_a_film(tripo: Tripo) -> None:
    """Only where it was asked for."""
    output = tripo.finished(prompt="a fox", render_video=True)["output"]

    assert fetched(output["rendered_video_url"]).content[4:8] == b"ftyp"


@pytest.mark.parametrize(
    ("wanted", "magic"),
    [("GLTF", b"glTF"), ("FBX", b"Kaydara"), ("OBJ", b"#"), ("STL", b""), ("usdz", b"PK"), ("3mf", b"PK")],
)
def test_a_model_is_converted(tripo: Tripo, wanted: str, magic: bytes) -> None:
    """To a file of the format, by any case of its name; GLTF comes as GLB."""
    url = tripo.finished("models/convert", input=tripo.source(), format=wanted)["output"]["model_url"]

    content = fetched(url).content
    assert len(content) > 1000
    assert content.startswith(magic)


def test_a_3mf_holds_the_mesh_that_was_converted(tripo: Tripo) -> None:
    """As many triangles as the GLB that it was made from."""
    source = tripo.finished(prompt="a fox", face_limit=500)
    model = trimesh.load_mesh(io.BytesIO(fetched(source["output"]["model_url"]).content), file_type="glb")

    url = tripo.finished("models/convert", input=source["task_id"], format="3MF", face_limit=500)["output"]["model_url"]

    with zipfile.ZipFile(io.BytesIO(fetched(url).content)) as package:
        assert package.read("3D/3dmodel.model").count(b"<triangle ") == len(model.faces)


def test_a_usdz_begins_its_data_where_viewers_want_it(tripo: Tripo) -> None:
    """Uncompressed, at a multiple of 64 bytes."""
    url = tripo.finished("models/convert", input=tripo.source(), format="USDZ")["output"]["model_url"]

    content = fetched(url).content

    assert zipfile.ZipFile(io.BytesIO(content)).infolist()[0].compress_type == zipfile.ZIP_STORED
    assert content.index(b"#usda 1.0") % 64 == 0


def test_four_views_stand_in_an_object_of_their_own(tripo: Tripo) -> None:
    """Each is a picture, in the order of the service."""
    views = tripo.finished("generation/image-to-multiview", input=URL)["output"]["generate_multiview_image"]

    formats = [Image.open(io.BytesIO(fetched(url).content)).format for url in views.values()]

    assert list(views) == ["front_view_url", "left_view_url", "back_view_url", "right_view_url"]
    assert formats == ["PNG"] * 4


def test_views_may_stand_in_the_output_itself(tripo: Tripo) -> None:
    """As some of the papers have it; the token comes in the picture's name."""
    output = tripo.finished("generation/image-to-multiview", input="https://example.com/fox[[flat-views]].png")[
        "output"
    ]

    assert sorted(output) == ["back_view_url", "front_view_url", "left_view_url", "right_view_url"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("fox.glb", {"riggable": True, "rig_type": "biped"}),
        ("fox [[rig-key:topology]].glb", {"riggable": True, "topology": "biped"}),
        ("fox [[not-riggable]].glb", {"riggable": False, "rig_type": "biped"}),
    ],
)
def test_a_rig_check_answers_in_words(tripo: Tripo, name: str, expected: dict[str, Any]) -> None:
    """By either name of the skeleton; nothing is charged."""
    task = tripo.finished("animations/rig-check", input=tripo.uploaded(b"glTF", name))

    assert (task["output"], task["credits_consumed"]) == (expected, 0)


def test_several_animations_give_several_files(tripo: Tripo) -> None:
    """Each billed."""
    rig = tripo.source("animations/rig", input=tripo.source())

    task = tripo.finished("animations/retarget", input=rig, animations=["preset:walk", "preset:run"], out_format="fbx")

    assert [fetched(url).content[:11] for url in task["output"]["model_urls"]] == [b"Kaydara FBX"] * 2
    assert task["credits_consumed"] == 20


def test_a_depth_map_is_grey_unless_asked_otherwise(tripo: Tripo) -> None:
    """As `kind` says."""
    outputs = [
        tripo.finished("generation/image-to-depth", input=URL, kind=kind)["output"] for kind in ("gray", "color")
    ]

    modes = [Image.open(io.BytesIO(fetched(output["depth_image_url"]).content)).mode for output in outputs]

    assert modes == ["L", "RGB"]


def test_a_splat_is_a_cloud_of_gaussians(tripo: Tripo) -> None:
    """In the PLY layout that splat viewers read."""
    output = tripo.finished("generation/image-to-splat", input=URL)["output"]

    header = fetched(output["splat_url"]).content.partition(b"end_header")[0]

    assert header.startswith(b"ply\nformat binary_little_endian 1.0\n")
    assert b"property float f_dc_0" in header
    assert b"property float rot_3" in header


@pytest.mark.parametrize(
    ("path", "body", "keys"),
    [
        ("models/texture", {"texture_prompt": {"text": "of gold"}}, {"model_url", "rendered_image_url"}),
        ("mesh/segment", {}, {"model_url", "rendered_image_url"}),
        ("mesh/decimate", {"model": "v2.0"}, {"model_url", "rendered_image_url"}),
        ("mesh/uv", {}, {"model_url", "uv_render_url"}),
        (
            "mesh/smartsegment",
            {"seg_type": "model"},
            {"mask_url", "seg_model_url", "seg_task_id", "model_task_id", "prompt"},
        ),
    ],
)
def test_every_work_on_a_mesh_gives_its_files(tripo: Tripo, path: str, body: dict[str, Any], keys: set[str]) -> None:
    """Under the keys of v3, and each can be fetched."""
    output = tripo.finished(path, input=tripo.source(), **body)["output"]

    urls = [value for key, value in output.items() if key.endswith("_url")]

    assert set(output) == keys
    assert {fetched(url).status_code for url in urls} == {200}


def test_an_imported_model_can_be_worked_on(tripo: Tripo) -> None:
    """Uploaded, imported, converted."""
    model = tripo.source("models/import", input=tripo.uploaded(b"glTF", "fox.glb"))

    assert tripo.create("models/convert", input=model, format="OBJ").status_code == 200


def test_the_name_of_a_picture_may_carry_faults(tripo: Tripo) -> None:
    """For calls that have no prompt; names of files and the ends of URLs alike."""
    upload = tripo.finished(IMAGE_TO_MODEL, input=tripo.uploaded(PNG, "fox [[moderated]].png"))
    url = tripo.finished(IMAGE_TO_MODEL, input="https://example.com/fox%5B%5Bmoderated%5D%5D.png")

    assert [task["error_code"] for task in (upload, url)] == [2008, 2008]


def test_a_large_file_comes_by_a_presigned_put(tripo: Tripo) -> None:
    """The address wants the bytes and no key; then the token works."""
    signed = tripo.client.post("/v3/files/presign", json={"format": "png"}).json()["data"]
    before = tripo.create(IMAGE_TO_MODEL, input=signed["file_token"])

    put = httpx.put(signed["presigned_url"], content=PNG)

    assert signed["expires_in"] == 1800
    assert before.json()["code"] == 1004
    assert put.status_code == 200
    assert tripo.create(IMAGE_TO_MODEL, input=signed["file_token"]).status_code == 200


def test_a_presigned_put_rejects_a_key(tripo: Tripo) -> None:
    """It would give the key away to the file host."""
    url = tripo.client.post("/v3/files/presign", json={"format": "png"}).json()["data"]["presigned_url"]

    put = httpx.put(url, content=PNG, headers={"Authorization": "Bearer tsk_secret"})

    assert put.status_code == 400
    assert b"<Code>InvalidArgument</Code>" in put.content


def test_a_presigned_address_expires(tripo: Tripo) -> None:
    """After half an hour."""
    url = tripo.client.post("/v3/files/presign", json={"format": "png"}).json()["data"]["presigned_url"]

    tripo.clock.now += 1800

    assert httpx.put(url, content=PNG).status_code == 403


def test_a_presign_may_name_its_address_otherwise(tripo: Tripo) -> None:
    """The vendor's client reads both names."""
    tripo.post_fault("upload-url", "/presign")

    signed = tripo.client.post("/v3/files/presign", json={"format": "glb"}).json()["data"]

    assert sorted(signed) == ["expires_in", "file_token", "upload_url"]


@pytest.mark.parametrize("wanted", ["exe", "", None, 5])
def test_a_presign_wants_a_format_that_the_service_takes(tripo: Tripo, wanted: Any) -> None:
    """Code 2004."""
    assert tripo.client.post("/v3/files/presign", json={"format": wanted}).json()["code"] == 2004
