"""What the three calls that make models from nothing have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from taskferry_tripo.operations.fields import ORIENTATION, Schema, choice, flag, seed, whole, word
from taskferry_tripo.operations.inputs import picture
from taskferry_tripo.operations.rules import given, limited, may_not, must, unless_other, when

DEFAULT_MODEL = "v3.1-20260211"
"""Sent whenever the caller names none, because v3 refuses a job without a model: the best of the H line, at its price.

The vendor's SDK would send v2.5-20250123, the oldest, which knows few of the options."""
_V30, _V25, _P1, _P2 = "v3.0-20250812", "v2.5-20250123", "P1-20260311", "P2-20260801"

OPTIONS: Mapping[str, Schema] = {
    "model": choice(
        "Which generator: the v lines make detailed meshes, P1 and P2 (preview) clean low-poly ones."
        " v2.5 may refuse the quality, quad, parts, size and compression options.",
        *(DEFAULT_MODEL, _V30, _V25, _P1, _P2),
        default=DEFAULT_MODEL,
    ),
    "seed": seed("Fixes the geometry, so that the same request gives the same shape."),
    "texture_seed": seed("Fixes the texture."),
    "face_limit": whole(
        "At most this many faces; Tripo chooses when it is left out. The limit depends on the model:"
        " v3.1 1,500,000 (2,000,000 with detailed geometry), v3.0 1,000,000, v2.5 500,000, P1 48 to 20,000,"
        " P2 48 to 50,000 (25,000 quads); with smart_low_poly 500 to 20,000 (10,000 quads).",
        *(1, 2_000_000),
        example=10_000,
    ),
    "texture": flag(
        "Paint the model; a bare mesh, which costs less, needs both texture and pbr to be false.", default=True
    ),
    "pbr": flag("Make physically based materials; true turns the texture on, whatever `texture` says.", default=True),
    "texture_quality": choice(
        "Detail of the texture; extreme is 8K; fast needs a texture_version of v3.5.",
        *("standard", "detailed", "extreme", "fast"),
        default="standard",
    ),
    "texture_version": word(
        "Which texture generator; Tripo chooses when it is left out.", "v3.5-20260815", pattern=r"^v[0-9]+\.[0-9]+"
    ),
    "geometry_quality": choice("Detail of the mesh; for the v3 models.", "standard", "detailed", default="standard"),
    "quad": flag("Make quads instead of triangles; the file is then FBX instead of GLB.", default=False),
    "smart_low_poly": flag("Build a low-poly mesh as if by hand; may fail on complex shapes.", default=False),
    "generate_parts": flag("Make the model in parts; needs texture, pbr and quad to be false.", default=False),
    "auto_size": flag("Scale the model to its size in the real world, in metres; for textured models.", default=False),
    "compress": choice("Compress the mesh (meshopt), which the viewer has to support.", "geometry"),
    "export_uv": flag("Unwrap the texture coordinates; false is faster.", default=True),
    "export_orientation": ORIENTATION,
    "delight": flag("Take the light of the source picture out of the texture."),
    "return_multiview": flag("Give the four views that the model was made from as well."),
    "render_video": flag("Give a video of the turning model as well."),
    "render_sequence": flag("Give a sequence of pictures of the turning model as well."),
    "check_printable": flag("Check whether the model can be printed; for accounts that have this ability."),
    "style_image": picture("A picture whose style the texture takes."),
    "priority": whole("Rank in Tripo's queue; for accounts that have this ability.", 1, 3, example=1),
}

PICTURE_OPTIONS: Mapping[str, Schema] = {
    "texture_alignment": choice(
        "Whether the texture follows the picture or the mesh.",
        *("original_image", "geometry"),
        default="original_image",
    ),
    "orientation": choice(
        "align_image turns the model as the picture shows it; for textured models.",
        *("default", "align_image"),
        default="default",
    ),
}

_NO_P1 = f"{_P1} refuses {{}}, whatever its value: leave it out or choose another model."
_BARE_PARTS = "generate_parts makes bare meshes of triangles: give texture=false and pbr=false, and leave quad out."
_FAST = "texture_quality fast needs a texture_version of v3.5, such as v3.5-20260815."


def _faces(condition: Schema, whose: str, high: int, low: int | None = None) -> Schema:
    """Limit the number of faces; without a lower limit the parameter's own holds."""
    words = f"{whose}: {f'{low:,}' if low else 'up'} to {high:,} faces."
    limits = {"maximum": high} if low is None else {"minimum": low, "maximum": high}
    return when(condition, limited(words, "face_limit", **limits))


RULES: Sequence[Schema] = (
    # P1 answers HTTP 400 to these even when they are false.
    when(given(model=_P1), may_not(_NO_P1, "quad", "smart_low_poly", "generate_parts", "geometry_quality")),
    when(
        given(generate_parts=True),
        must(_BARE_PARTS, {**given(texture=False, pbr=False), "allOf": [unless_other(quad=False)]}),
    ),
    when(
        given(texture_quality="fast"),
        must(_FAST, {"required": ["texture_version"], "properties": {"texture_version": {"pattern": r"^v3\.5"}}}),
    ),
    _faces(unless_other(model=DEFAULT_MODEL, geometry_quality="standard"), "v3.1 with standard geometry", 1_500_000),
    _faces(given(model=_V30), "v3.0", 1_000_000),
    _faces(given(model=_V25), "v2.5", 500_000),
    _faces(given(model=_P1), "P1", 20_000, 48),
    _faces(given(model=_P2), "P2", 50_000, 48),
    _faces(given(model=_P2, quad=True), "P2 with quad", 25_000, 48),
    _faces(given(smart_low_poly=True), "smart_low_poly", 20_000, 500),
    _faces(given(smart_low_poly=True, quad=True), "smart_low_poly with quad", 10_000, 500),
)
"""What Tripo refuses together; where sources differ on a number of faces, the smaller one."""
