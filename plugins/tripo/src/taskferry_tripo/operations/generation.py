"""Models made from words and from pictures."""

from __future__ import annotations

from collections.abc import Sequence

from taskferry import Kind, Typical
from taskferry_tripo.operations import prices
from taskferry_tripo.operations.capability import Body, Capability, operation
from taskferry_tripo.operations.fields import flag, negative_prompt, parameters, prompt, seed
from taskferry_tripo.operations.inputs import VIEWS, picture, task
from taskferry_tripo.operations.options import DEFAULT_MODEL, OPTIONS, PICTURE_OPTIONS, RULES
from taskferry_tripo.operations.rules import may_not, needs_any, one_of, when

_TYPICAL = Typical(median=90.0, slow=360.0, queue=3.0)
"""Sources name 10 s for a bare P1 model, 60 s for a textured one, 1 to 10 minutes in general."""
_SEEN_FROM = {"front": "the front", "left": "its left", "back": "behind", "right": "its right"}
_ALWAYS = {"model": DEFAULT_MODEL}
_MAKES = "Makes a textured 3D model (GLB, or FBX with quad) and a preview picture"
_VIEW_RULES = (
    one_of(
        "Give the front view and at least one other, or `views`, the id of a task that made four.", "front", "views"
    ),
    when(
        {"required": ["front"]}, needs_any("The front view alone is not enough: add left, back or right.", *VIEWS[1:])
    ),
    when({"required": ["views"]}, may_not("`views` brings its own {} view: leave one of them out.", *VIEWS[1:])),
)


def _inputs(body: Body) -> Body:
    """Give the views by name, a form that no two sources read differently."""
    sides = [{side: body.pop(side)} for side in VIEWS if side in body]
    made = body.pop("views", None)
    return {**body, "inputs": sides if made is None else [{"task_id": made}]}


GENERATION: Sequence[Capability] = (
    Capability(
        operation=operation(
            "text-to-model",
            "Text to 3D model",
            f"{_MAKES} from a description.",
            Kind.MODEL,
            parameters(
                {
                    "prompt": prompt("What to make.", 1024, "a small red fox"),
                    "negative_prompt": negative_prompt(255),
                    **OPTIONS,
                    "image_seed": seed("Fixes the stage that turns the text into a picture."),
                },
                "prompt",
                rules=RULES,
            ),
            _TYPICAL,
            price_note=prices.GENERATION_NOTE,
            example={"prompt": "a small red fox"},
        ),
        path="/v3/generation/text-to-model",
        types=("text_to_model",),
        always=_ALWAYS,
        price=prices.generation(10, 30),
    ),
    Capability(
        operation=operation(
            "image-to-model",
            "Image to 3D model",
            f"{_MAKES} from one picture.",
            Kind.MODEL,
            parameters(
                {
                    "image": picture("The picture to turn into a model."),
                    **OPTIONS,
                    **PICTURE_OPTIONS,
                    "enable_image_autofix": flag("Let Tripo improve the picture before it begins.", default=False),
                },
                "image",
                rules=RULES,
            ),
            _TYPICAL,
            price_note=prices.GENERATION_NOTE,
            example={"image": "https://example.com/fox.png"},
        ),
        path="/v3/generation/image-to-model",
        types=("image_to_model",),
        always=_ALWAYS,
        price=prices.generation(20, 40),
    ),
    Capability(
        operation=operation(
            "multiview-to-model",
            "Several views to 3D model",
            f"{_MAKES} from two to four pictures of one thing, seen from its own front, left, back and right.",
            Kind.MODEL,
            parameters(
                {
                    **{side: picture(f"The thing seen from {_SEEN_FROM[side]}.") for side in VIEWS},
                    "views": task(
                        "Four views that Tripo made, instead of pictures.",
                        made_by="image-to-multiview or edit-multiview",
                    ),
                    **OPTIONS,
                    **PICTURE_OPTIONS,
                    "orthographic_projection": flag("The pictures have no perspective.", default=False),
                },
                rules=(*_VIEW_RULES, *RULES),
            ),
            _TYPICAL,
            price_note=prices.GENERATION_NOTE,
            example={"front": "https://example.com/front.png", "back": "https://example.com/back.png"},
        ),
        path="/v3/generation/multiview-to-model",
        types=("multiview_to_model",),
        always=_ALWAYS,
        shape=_inputs,
        price=prices.generation(20, 40),
    ),
)
