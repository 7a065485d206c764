"""Work on the mesh of a model: parts, holes, faces, texture coordinates."""

from __future__ import annotations

from collections.abc import Sequence

from taskferry import Kind, Typical
from taskferry_tripo.operations import prices
from taskferry_tripo.operations.capability import Body, Capability, operation
from taskferry_tripo.operations.fields import ORIENTATION, choice, flag, parameters, part_names, whole, word
from taskferry_tripo.operations.inputs import model, picture, task
from taskferry_tripo.operations.rules import given, limited, may_not, one_of, when

_SLOW = Typical(median=120.0, slow=420.0, queue=3.0)
_QUICK = Typical(median=40.0, slow=240.0, queue=3.0)
_EXAMPLE = {"source": "6ffdb041-55c6-4a16-8985-7cc3268a545b"}
_SEGMENT_V2 = "v2.0-20260430"
_ONLY_V2 = f"Only model={_SEGMENT_V2} knows {{}}: name it, or leave this out."
_ONLY_V3 = "Only model=v3.0 knows {}: name it, or leave this out."

_SEGMENT = parameters(
    {
        "source": model("The model to take apart."),
        "model": choice(
            "Which segmentation; v2.0 knows the options.", "v1.0-20250506", _SEGMENT_V2, default="v1.0-20250506"
        ),
        "segmentation_granularity": choice("How small the parts are; for v2.0.", "simple", "balanced", "detailed"),
        "ref_image": picture("A picture that shows the parts; for v2.0."),
        "split_by_connectivity": flag("Make parts of what does not hang together; for v2.0."),
    },
    "source",
    rules=[
        when(
            {"not": given(model=_SEGMENT_V2)},
            may_not(_ONLY_V2, "segmentation_granularity", "ref_image", "split_by_connectivity"),
        )
    ],
)

_SMART_SEGMENT = parameters(
    {
        "image": picture("The picture to take apart."),
        "source": model("The model to take apart, instead of a picture."),
        "granularity": choice("How small the parts are.", "coarse", "medium", "fine"),
        "hint": word("What to look for, in words.", "the wheels", longest=1024),
        "transform": {
            "type": "array",
            "items": {"type": "number"},
            "minItems": 16,
            "maxItems": 16,
            "description": "How the model is turned and placed, as a matrix of 4 by 4 numbers; for a model.",
            "examples": [[1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]],
        },
    },
    rules=[
        one_of("Give either image or source.", "image", "source"),
        when({"required": ["image"]}, may_not("{} is for a model; a picture takes none.", "transform")),
    ],
)

_COMPLETE = parameters(
    {
        "source": task("The parts to complete.", made_by="segment"),
        "model": choice("Which completion.", "v1.0-20250506", default="v1.0-20250506"),
        "part_names": part_names("Complete these parts only; all when it is left out."),
        "completion_mode": choice("Whether openings are rebuilt or just closed.", "ai_completion", "quick_cap"),
    },
    "source",
)

_DECIMATE = parameters(
    {
        "source": model("The model to simplify."),
        "model": choice("Which method.", "v1.0", "v2.0", "v3.0", default="v2.0"),
        "face_limit": whole(
            "At most this many faces, with quad 10,000; Tripo chooses when it is left out.", 500, 20_000, example=2_000
        ),
        "quad": flag("Make quads instead of triangles.", default=False),
        "bake": flag("Bake the old model's detail into the texture.", default=True),
        "part_names": part_names("Simplify these parts only."),
        "smart_uv": flag("Unwrap the texture coordinates anew; for v3.0."),
    },
    "source",
    rules=[
        when(given(quad=True), limited("With quad: 500 to 10,000 faces.", "face_limit", maximum=10_000)),
        when({"not": given(model="v3.0")}, may_not(_ONLY_V3, "smart_uv")),
    ],
)


def _kind_of_source(body: Body) -> Body:
    """Say which of the two it is, which an id or a token does not tell."""
    kind = "image" if "image" in body else "model"
    value = body.pop("image" if kind == "image" else "source")
    return {**body, "seg_type": kind, "input": value}


MESH: Sequence[Capability] = (
    Capability(
        operation=operation(
            "segment",
            "Take a 3D model apart",
            "Parts a model into named pieces.",
            Kind.MODEL,
            _SEGMENT,
            _SLOW,
            price=prices.amount(40),
            price_note=prices.LISTED,
            example=_EXAMPLE,
        ),
        path="/v3/mesh/segment",
        types=("mesh_segmentation", "segment"),
        price=prices.flat(40),
    ),
    Capability(
        operation=operation(
            "smart-segment",
            "Take a picture or a 3D model apart",
            "Finds the parts of what a picture or a model shows; gives a mask, a model in parts and their task's id.",
            Kind.MODEL,
            _SMART_SEGMENT,
            _QUICK,
            price_note=prices.UNLISTED,
            example={**_EXAMPLE, "granularity": "coarse"},
        ),
        path="/v3/mesh/smartsegment",
        types=("smart_segmentation", "smartsegment", "smart_segment", "mesh_smartsegment"),
        names={"image": "image", "source": "source"},
        shape=_kind_of_source,
        price=prices.unknown,
    ),
    Capability(
        operation=operation(
            "complete",
            "Complete the parts of a 3D model",
            "Closes the openings that were left where a model was taken apart.",
            Kind.MODEL,
            _COMPLETE,
            _SLOW,
            price=prices.amount(50),
            price_note=prices.LISTED,
            example=_EXAMPLE,
        ),
        path="/v3/mesh/complete",
        types=("mesh_completion", "complete"),
        price=prices.flat(50),
    ),
    Capability(
        operation=operation(
            "decimate",
            "Low-poly version of a 3D model",
            "Makes a model of few faces that looks like one of many.",
            Kind.MODEL,
            _DECIMATE,
            _QUICK,
            price_note=f"30 credits with v2.0; what v1.0 and v3.0 take is not listed. {prices.LISTED}",
            example={**_EXAMPLE, "face_limit": 2_000},
        ),
        path="/v3/mesh/decimate",
        types=("highpoly_to_lowpoly", "decimate"),
        price=prices.flat(30, model="v2.0"),
    ),
    Capability(
        operation=operation(
            "uv",
            "Texture coordinates of a 3D model",
            "Unwraps a model anew and shows the result as a picture.",
            Kind.MODEL,
            parameters(
                {
                    "source": model("The model to unwrap."),
                    "model": word("Which method; Tripo's papers do not list them.", "v1.0"),
                    "export_orientation": ORIENTATION,
                },
                "source",
            ),
            _QUICK,
            price_note=prices.UNLISTED,
            example=_EXAMPLE,
        ),
        path="/v3/mesh/uv",
        types=("mesh_uv", "uv"),
        price=prices.unknown,
    ),
)
