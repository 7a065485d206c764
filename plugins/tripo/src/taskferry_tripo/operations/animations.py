"""Skeletons and movements."""

from __future__ import annotations

from collections.abc import Sequence

from taskferry import Kind, Typical
from taskferry_tripo.operations import prices
from taskferry_tripo.operations.capability import Capability, operation
from taskferry_tripo.operations.fields import choice, flag, parameters, word
from taskferry_tripo.operations.inputs import model, task
from taskferry_tripo.operations.rules import given, must, one_of, when

_NEWER = ["v2.5-20260210", "v3.0-20260909"]
_FORMATS = ("glb", "fbx")
_PRESET = r"^preset:[a-z0-9_]+(:[a-z0-9_]+)?$"
_PRESETS = (
    "walk run dive climb jump slash shoot hurt fall turn idle quadruped:walk hexapod:walk octopod:walk serpentine:march"
    " aquatic:march biped:greet_01"
)
_MOVEMENT = word(
    "A movement by its name. `preset:walk` and the like are for rigs of v2.5 and later, `preset:biped:NAME` for those"
    " of v1.0; Tripo's papers list only some.",
    *(f"preset:{name}" for name in _PRESETS.split()),
    pattern=_PRESET,
    longest=100,
)
_OUT = {"output_format": "out_format"}

_RIG = parameters(
    {
        "source": model("The model to give a skeleton."),
        "model": choice(
            "Which rig generator; v1.0 knows bipeds only.", "v1.0-20240301", *_NEWER, default="v1.0-20240301"
        ),
        "rig_type": choice(
            "What the model is; a rig check tells.",
            *("biped", "quadruped", "hexapod", "octopod", "avian", "serpentine", "aquatic", "others"),
            default="biped",
        ),
        "spec": choice(
            "How the bones are named; unity, unreal and vrm need a model of v2.5 or later.",
            *("tripo", "mixamo", "actorcore", "unity", "unreal", "vrm"),
            default="tripo",
        ),
        "output_format": choice("Format of the file.", *_FORMATS, default="glb"),
        "no_weights_list": {
            "type": "array",
            "items": {"type": "string", "minLength": 1, "maxLength": 200},
            "minItems": 1,
            "maxItems": 200,
            "description": "Parts that do not move with the skeleton; passed on as it is.",
            "examples": [["hat"]],
        },
    },
    "source",
    rules=[
        when(
            {"properties": {"rig_type": {"not": {"const": "biped"}}}, "required": ["rig_type"]},
            must(f"Only bipeds can be rigged by v1.0: give model={_NEWER[-1]}.", given(model=_NEWER)),
        ),
        when(
            given(spec=["unity", "unreal", "vrm"]),
            must(f"spec unity, unreal and vrm need model={' or '.join(_NEWER)}.", given(model=_NEWER)),
        ),
    ],
)

_RETARGET = parameters(
    {
        "source": task("The rigged model.", made_by="rig"),
        "animation": _MOVEMENT,
        "animations": {
            "type": "array",
            "items": _MOVEMENT,
            "minItems": 1,
            "maxItems": 5,
            "uniqueItems": True,
            "description": "Up to five movements, each a file of its own and billed on its own.",
            "examples": [["preset:walk", "preset:run"]],
        },
        "output_format": choice("Format of the file.", *_FORMATS, default="glb"),
        "export_with_geometry": flag("Put the model into the file; without it there is the skeleton alone."),
        "animate_in_place": flag("Take the way walked out of the movement.", default=False),
        "render_video": flag("Give a video of the moving model as well."),
    },
    "source",
    rules=[one_of("Give either animation or animations.", "animation", "animations")],
)

ANIMATIONS: Sequence[Capability] = (
    Capability(
        operation=operation(
            "rig-check",
            "Check a model for rigging",
            "Says whether a model can get a skeleton and what it is; its result is a small JSON document.",
            Kind.DOCUMENT,
            parameters({"source": model("The model to check.")}, "source"),
            Typical(median=5.0, slow=30.0, queue=2.0),
            price=prices.amount(0),
            price_note=prices.LISTED,
            example={"source": "6ffdb041-55c6-4a16-8985-7cc3268a545b"},
        ),
        path="/v3/animations/rig-check",
        types=("animate_prerigcheck", "rig_check"),
        price=prices.flat(0),
    ),
    Capability(
        operation=operation(
            "rig",
            "Rig a 3D model",
            "Gives a model a skeleton. A rig check that says no does not keep you from trying.",
            Kind.MODEL,
            _RIG,
            Typical(median=30.0, slow=180.0, queue=3.0),
            price=prices.amount(25),
            price_note=prices.LISTED,
            example={"source": "6ffdb041-55c6-4a16-8985-7cc3268a545b"},
        ),
        path="/v3/animations/rig",
        types=("animate_rig", "rig"),
        names=_OUT,
        price=prices.flat(25),
    ),
    Capability(
        operation=operation(
            "retarget",
            "Animate a rigged model",
            "Lets a rigged model move; several movements make several files.",
            Kind.MODEL,
            _RETARGET,
            Typical(median=15.0, slow=90.0, queue=3.0),
            price_note=f"10 credits a movement. {prices.LISTED}",
            example={"source": "6ffdb041-55c6-4a16-8985-7cc3268a545b", "animation": "preset:walk"},
        ),
        path="/v3/animations/retarget",
        types=("animate_retarget", "retarget"),
        names=_OUT,
        price=prices.each("animations", 10, "render_video"),
    ),
)
