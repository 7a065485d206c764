"""Pictures, and what else is made of one picture: views, a cloud of splats, depth."""

from __future__ import annotations

from collections.abc import Sequence

from taskferry import Kind, Typical
from taskferry_tripo.operations import prices
from taskferry_tripo.operations.capability import Capability, operation
from taskferry_tripo.operations.fields import (
    Schema,
    choice,
    flag,
    negative_prompt,
    parameters,
    prompt,
    seed,
    whole,
    word,
)
from taskferry_tripo.operations.inputs import VIEWS, picture, pictures, task
from taskferry_tripo.operations.rules import given, limited, may_not, needs_any, one_of, unless_other, when

_TYPICAL = Typical(median=20.0, slow=60.0, queue=2.0)
"""10 to 60 s by the migration guide; one picture at a time is made for an account."""
_BANANAS = ["banana", "banana_pro", "banana2"]
_CHATS = ["chat_image_1.5", "chat_image_2", "chat_image_2.5_flare", "chat_image_2.5_sunburst"]
_PRICE_NOTE = f"5 or 10 credits by model; where that is not told, the higher is assumed. {prices.LISTED}"

_ASPECT = may_not("Only the banana models know {}: name one of them, or leave it out.", "aspect_ratio")
_QUALITY = may_not(
    "Only chat_image_2 and chat_image_2.5 know {}: name one of them, or leave it out.", "quality", "background"
)

_FROM_TEXT = parameters(
    {
        "prompt": prompt("What to show.", 1800, "a small red fox, front view, plain background"),
        "negative_prompt": negative_prompt(1800),
        "model": choice(
            "Which generator; chat_image_1.5 ends on 2026-12-01.",
            *("seedream_v4", "seedream_v5", *_BANANAS, *_CHATS),
            default="seedream_v4",
        ),
        "size": word(
            "Pixels or size class, as the model knows them; Tripo's papers do not list them.", "1024x1024", "2K"
        ),
        "aspect_ratio": word(
            "Width to height; for the banana models.", "16:9", "1:1", pattern="^[0-9]{1,2}:[0-9]{1,2}$"
        ),
        "output_format": choice("Format of the file.", "png", "jpeg"),
        "watermark": flag("Put the vendor's mark into the picture."),
        "template": word("A recipe of Tripo's for the picture.", "t_pose", "figure", longest=100),
        "quality": word("Detail of the picture; for chat_image_2 and chat_image_2.5.", "high"),
        "background": word("What is behind the thing; for chat_image_2 and chat_image_2.5.", "transparent"),
        "t_pose": flag("Show a character with its arms stretched out, ready to be rigged."),
        "sketch_to_render": flag("Turn a sketch into a finished picture."),
    },
    "prompt",
    rules=[
        when({"not": given(model=_BANANAS)}, _ASPECT),
        when({"not": given(model=_CHATS[1:])}, _QUALITY),
    ],
)

_FROM_PICTURES = parameters(
    {
        "image": picture("The picture to begin from."),
        "images": pictures(
            "Several pictures to begin from, which the prompt can call `image[1]` and so on: up to 4 with the seedream"
            " model, 10 with the banana and 16 with the chat_image models.",
            *(1, 16),
        ),
        "prompt": prompt("What to make of it; may be left out with a template.", 1800, "the same fox in the snow"),
        "model": choice(
            "Which generator; chat_image_1.5 ends on 2026-12-01.",
            *("seedream_v5", *_BANANAS, *_CHATS),
            default="seedream_v5",
        ),
        "template": word(
            "A recipe of Tripo's, instead of a prompt or with one.",
            *("t_pose", "character_completion", "3d_enhance", "variants", "figure", "asset_extraction"),
            longest=100,
        ),
    },
    rules=[
        one_of("Give either image or images.", "image", "images"),
        needs_any("Give a prompt or a template.", "prompt", "template"),
        when(unless_other(model="seedream_v5"), limited("The seedream model takes up to 4.", "images", maxItems=4)),
        when(given(model=_BANANAS), limited("The banana models take up to 10.", "images", maxItems=10)),
    ],
)


def _edits() -> Schema:
    edit = {
        "type": "object",
        "properties": {
            "view": choice("Which view.", *VIEWS),
            "prompt": prompt("What to change in it.", 1024, "add a scarf"),
        },
        "required": ["view", "prompt"],
        "additionalProperties": False,
    }
    once = [
        {"contains": {"properties": {"view": {"const": view}}}, "minContains": 0, "maxContains": 1} for view in VIEWS
    ]
    return {
        "type": "array",
        "items": edit,
        "minItems": 1,
        "maxItems": 4,
        "allOf": [{**rule, "x-message": "Each view can be changed once."} for rule in once],
        "description": "The changes, each with its view (front, left, back or right) and a prompt.",
        "examples": [[{"view": "front", "prompt": "add a scarf"}]],
    }


PICTURES: Sequence[Capability] = (
    Capability(
        operation=operation(
            "text-to-image",
            "Text to picture",
            "Makes a picture from a description, fit to become a model.",
            Kind.IMAGE,
            _FROM_TEXT,
            _TYPICAL,
            price_note=_PRICE_NOTE,
            example={"prompt": "a small red fox"},
        ),
        path="/v3/generation/text-to-image",
        types=("text_to_image",),
        price=prices.picture,
    ),
    Capability(
        operation=operation(
            "image-to-image",
            "Picture to picture",
            "Makes a picture from one or several others and a prompt or a template.",
            Kind.IMAGE,
            _FROM_PICTURES,
            _TYPICAL,
            price_note=_PRICE_NOTE,
            example={"image": "https://example.com/fox.png", "prompt": "the same fox in the snow"},
        ),
        path="/v3/generation/image-to-image",
        types=("generate_image", "image_to_image"),
        price=prices.picture,
    ),
    Capability(
        operation=operation(
            "image-to-multiview",
            "Picture to four views",
            "Shows what is in a picture from the front, the left, behind and the right.",
            Kind.IMAGE,
            parameters({"image": picture("The picture to walk around.")}, "image"),
            _TYPICAL,
            price=prices.amount(10),
            price_note=prices.LISTED,
            example={"image": "https://example.com/fox.png"},
        ),
        path="/v3/generation/image-to-multiview",
        types=("generate_multiview_image", "image_to_multiview"),
        price=prices.flat(10),
    ),
    Capability(
        operation=operation(
            "edit-multiview",
            "Edit four views",
            "Changes some of four views by a prompt each.",
            Kind.IMAGE,
            parameters(
                {
                    "source": task("The views to change.", made_by="image-to-multiview or edit-multiview"),
                    "prompts": _edits(),
                },
                "source",
                "prompts",
            ),
            _TYPICAL,
            price_note=f"5 credits a view that is changed. {prices.LISTED}",
            example={
                "source": "6ffdb041-55c6-4a16-8985-7cc3268a545b",
                "prompts": [{"view": "front", "prompt": "add a scarf"}],
            },
        ),
        path="/v3/generation/edit-multiview",
        types=("edit_multiview_image", "edit_multiview"),
        price=prices.each("prompts", 5),
    ),
    Capability(
        operation=operation(
            "image-to-splat",
            "Picture to Gaussian splats",
            "Makes a cloud of Gaussian splats from one picture.",
            Kind.MODEL,
            parameters(
                {"image": picture("The picture to turn into splats."), "seed": seed("Fixes the shape.")}, "image"
            ),
            Typical(median=60.0, slow=300.0, queue=3.0),
            price_note=prices.UNLISTED,
            example={"image": "https://example.com/fox.png"},
        ),
        path="/v3/generation/image-to-splat",
        types=("image_to_splat",),
        price=prices.unknown,
    ),
    Capability(
        operation=operation(
            "image-to-depth",
            "Picture to depth",
            "Says for each point of a picture how far away it is, as a picture.",
            Kind.IMAGE,
            parameters(
                {
                    "image": picture("The picture to measure."),
                    "kind": choice("How distance is shown.", "gray", "color", default="gray"),
                    "process_res": whole("Pixels a side that it is measured at.", 126, 2016, default=504, example=1008),
                },
                "image",
            ),
            _TYPICAL,
            price_note=prices.UNLISTED,
            example={"image": "https://example.com/fox.png"},
        ),
        path="/v3/generation/image-to-depth",
        types=("image_to_depth",),
        price=prices.unknown,
    ),
)
