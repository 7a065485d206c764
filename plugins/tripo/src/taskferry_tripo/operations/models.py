"""Models brought in, painted anew and converted."""

from __future__ import annotations

from collections.abc import Sequence

from taskferry import Kind, Typical
from taskferry_tripo.operations import prices
from taskferry_tripo.operations.capability import Body, Capability, operation
from taskferry_tripo.operations.fields import (
    ORIENTATION,
    choice,
    flag,
    number,
    parameters,
    part_names,
    prompt,
    seed,
    whole,
)
from taskferry_tripo.operations.inputs import model, model_file, picture, pictures
from taskferry_tripo.operations.rules import given, must, not_together, when

_TEXTURE_MODEL = "v3.0-20250812"
"""Always sent: by some sources it is what the server takes, by others that is v2.5."""
_FAST_MODEL = "v3.5-20260815"

_HOLDS_QUADS = given(output_format=["fbx", "obj", "usdz"])

_TEXTURE = parameters(
    {
        "source": model("The model to paint."),
        "prompt": prompt("What it is to look like.", 1024, "rusty iron with moss"),
        "image": picture("What it is to look like, as a picture."),
        "images": pictures("What it is to look like from the front, the left, behind and the right.", 4, 4),
        "style_image": picture("A picture whose style the texture takes."),
        "model": choice(
            "Which texture generator.", "v2.5-20250123", _TEXTURE_MODEL, _FAST_MODEL, default=_TEXTURE_MODEL
        ),
        "texture": flag("Paint the model.", default=True),
        "pbr": flag("Make physically based materials.", default=True),
        "texture_seed": seed("Fixes the texture."),
        "seed": seed("Fixes the geometry."),
        "texture_quality": choice(
            f"Detail of the texture; extreme is 8K; fast needs the model {_FAST_MODEL}.",
            *("standard", "detailed", "extreme", "fast"),
            default="standard",
        ),
        "texture_alignment": choice(
            "Whether the texture follows the picture or the mesh.",
            "original_image",
            "geometry",
            default="original_image",
        ),
        "part_names": part_names("Paint these parts only."),
        "compress": choice("Compress the mesh (meshopt), which the viewer has to support.", "geometry"),
        "bake": flag("Bake the materials into the texture.", default=True),
        "delight": flag("Take the light of the source picture out of the texture."),
        "return_multiview": flag("Give the views that the texture was made from as well."),
    },
    "source",
    rules=[
        not_together("Say what it is to look like in one way: prompt, image or images.", "prompt", "image", "images"),
        when(
            given(texture=False, pbr=False),
            must("There is nothing to make: leave texture or pbr on.", given(texture=True), given(pbr=True)),
        ),
        when(
            given(texture_quality="fast"),
            must(f"texture_quality fast needs the model {_FAST_MODEL}.", given(model=_FAST_MODEL)),
        ),
    ],
)

_CONVERSION = parameters(
    {
        "source": model("The model to convert; once converted, it can be converted again to another format alone."),
        "output_format": choice(
            "Format of the file; gltf comes as GLB. obj, stl and 3mf do not hold a rig.",
            *("gltf", "usdz", "fbx", "obj", "stl", "3mf"),
        ),
        "quad": flag("Rebuild the mesh of quads; for fbx, obj and usdz.", default=False),
        "force_symmetry": flag("Make both halves alike; needs quad.", default=False),
        "face_limit": whole(
            "At most this many faces; the model keeps its own when it is left out. Up to 150,000 is advised with quad.",
            *(1, 2_000_000),
            example=10_000,
        ),
        "flatten_bottom": flag("Give the model a flat bottom.", default=False),
        "flatten_bottom_threshold": number(
            "How much of the bottom is cut; for flatten_bottom.",
            default=0.01,
            example=0.05,
            exclusiveMinimum=0,
            maximum=1,
        ),
        "texture_size": whole("Pixels a side of the texture.", 128, 8192, default=4096, example=2048),
        "texture_format": choice(
            "Format of the texture inside the model; PNG when it is left out for fbx.",
            *("BMP", "DPX", "HDR", "JPEG", "OPEN_EXR", "PNG", "TARGA", "TIFF", "WEBP"),
            default="JPEG",
        ),
        "scale_factor": number("Makes the model larger or smaller.", default=1.0, example=2.5, exclusiveMinimum=0),
        "pivot_to_center_bottom": flag("Put the origin in the middle of the bottom.", default=False),
        "with_animation": flag("Keep the skeleton and its movements.", default=True),
        "pack_uv": flag("Put all textures on one sheet.", default=False),
        "bake": flag("Bake the materials into the texture.", default=True),
        "part_names": part_names("Convert these parts only."),
        "export_vertex_colors": flag("Keep colours of the corners; for obj and gltf.", default=False),
        "fbx_preset": choice("Which program the FBX is for.", "blender", "mixamo", "3dsmax"),
        "export_orientation": ORIENTATION,
        "animate_in_place": flag("Take the way walked out of a movement.", default=False),
        "assemble_animation": flag("Put several movements into one file."),
    },
    "source",
    "output_format",
    rules=[
        when(given(force_symmetry=True), must("force_symmetry needs quad=true.", given(quad=True))),
        when(
            given(quad=True),
            must("gltf, stl and 3mf hold triangles only: give output_format=fbx, or leave quad out.", _HOLDS_QUADS),
        ),
        when(
            given(export_vertex_colors=True),
            must("export_vertex_colors is for output_format obj and gltf.", given(output_format=["obj", "gltf"])),
        ),
    ],
)


def _format(body: Body) -> Body:
    """Write the format in capitals, as Tripo's papers do."""
    return {**body, "format": body["format"].upper()}


MODELS: Sequence[Capability] = (
    Capability(
        operation=operation(
            "import-model",
            "Import a 3D model",
            "Brings a model of your own to Tripo, for the operations that go on from one.",
            Kind.MODEL,
            parameters({"source": model_file("The model.")}, "source"),
            Typical(median=5.0, slow=30.0, queue=2.0),
            price=prices.amount(0),
            price_note=prices.LISTED,
            example={"source": "https://example.com/fox.glb"},
        ),
        path="/v3/models/import",
        types=("import_model",),
        price=prices.flat(0),
    ),
    Capability(
        operation=operation(
            "texture",
            "Texture a 3D model",
            "Paints a model anew, after a prompt, a picture, or as Tripo sees fit.",
            Kind.MODEL,
            _TEXTURE,
            Typical(median=60.0, slow=300.0, queue=3.0),
            price_note=f"10, 20 or 30 credits by quality. {prices.LISTED}",
            example={"source": "6ffdb041-55c6-4a16-8985-7cc3268a545b", "prompt": "rusty iron with moss"},
        ),
        path="/v3/models/texture",
        types=("texture_model",),
        names={
            "prompt": "texture_prompt.text",
            "image": "texture_prompt.image",
            "images": "texture_prompt.images",
            "style_image": "texture_prompt.style_image",
        },
        always={"model": _TEXTURE_MODEL},
        price=prices.texturing,
    ),
    Capability(
        operation=operation(
            "convert",
            "Convert a 3D model",
            "Gives a model in another format, with fewer faces, another size or place.",
            Kind.MODEL,
            _CONVERSION,
            Typical(median=6.0, slow=60.0, queue=2.0),
            price_note=f"5 credits, 10 with a change to mesh, texture, size or place. {prices.LISTED}",
            example={"source": "6ffdb041-55c6-4a16-8985-7cc3268a545b", "output_format": "fbx"},
        ),
        path="/v3/models/convert",
        types=("convert_model",),
        names={"output_format": "format"},
        shape=_format,
        price=prices.conversion,
    ),
)
