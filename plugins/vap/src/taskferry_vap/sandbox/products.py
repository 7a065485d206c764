"""What is sold: task types, edits and presets, with their prices, tiers, parameters and files.

Sources: the vendor's tools.json, SKILL.md and SDK, as they agree; where they do not, the wider set is accepted. Prices
in US dollars are those of January 2026; those of `background_remove` and `ai_edit` are not documented.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from attrs import frozen

from taskferry_vap.sandbox.rules import Rule, address, addresses, flag, one_of, seconds, text, whole


@frozen(kw_only=True)
class Product:
    """One kind of task."""

    price: Decimal
    """US dollars."""
    tier: int
    """The lowest that an account needs."""
    queue: float
    """Seconds it usually waits."""
    run: float
    """Seconds it usually takes."""
    rules: Mapping[str, Rule]


_IMAGE: Mapping[str, Rule] = {
    "aspect_ratio": one_of("1:1", "16:9", "9:16", "4:3", "3:4", "3:2", "2:3", "21:9", "9:21"),
    "quality": one_of("standard", "high"),
    "output_format": one_of("webp", "png", "jpeg"),
    "style": text(1000),
    "negative_prompt": text(1000),
    "width": whole(None, 64, 2048),
    "height": whole(None, 64, 2048),
    "quantity": whole(1, 1, 4),
}
_VIDEO: Mapping[str, Rule] = {
    "duration": one_of(8, 4, 6),
    "aspect_ratio": one_of("16:9", "9:16"),
    "generate_audio": flag(True),
    "resolution": one_of("720p", "1080p"),
    "negative_prompt": text(1000),
    "image_url": address(required=False),
    "source_image": address(required=False),
}
_MUSIC: Mapping[str, Rule] = {
    "duration": whole(120, 30, 480),
    "instrumental": flag(False),
    "audio_format": one_of("mp3", "wav"),
    "loudness_preset": one_of("streaming", "apple", "broadcast"),
    "style": text(1000),
    "title": text(1000),
    "custom_mode": flag(False),
}
WORDING = Rule(None, "a text that is not empty", lambda value: isinstance(value, str) and bool(value.strip()))
_MEDIA = {"media_url": address(required=True)}

TYPES: Mapping[str, Product] = {
    "image": Product(price=Decimal("0.18"), tier=1, queue=1, run=8, rules=_IMAGE),
    "video": Product(price=Decimal("1.96"), tier=2, queue=5, run=60, rules=_VIDEO),
    "music": Product(price=Decimal("0.68"), tier=2, queue=3, run=40, rules=_MUSIC),
}
"""What tasks and generations make."""

OPERATIONS: Mapping[str, Product] = {
    "upscale": Product(price=Decimal("0.15"), tier=1, queue=1, run=10, rules={**_MEDIA, "scale": one_of(2, 4)}),
    "background_remove": Product(price=Decimal("0.15"), tier=1, queue=1, run=6, rules=_MEDIA),
    "inpaint": Product(
        price=Decimal("0.15"),
        tier=1,
        queue=1,
        run=10,
        rules={**_MEDIA, "prompt": WORDING, "mask_url": address(required=False)},
    ),
    "ai_edit": Product(
        price=Decimal("0.15"),
        tier=1,
        queue=1,
        run=10,
        rules={**_MEDIA, "prompt": WORDING, "additional_images": addresses(0)},
    ),
    "video_trim": Product(
        price=Decimal("0.05"),
        tier=1,
        queue=1,
        run=5,
        rules={**_MEDIA, "start_time": seconds(), "end_time": seconds()},
    ),
    "video_merge": Product(price=Decimal("0.05"), tier=1, queue=1, run=8, rules={"media_urls": addresses(2)}),
}
"""Edits of media that are there already."""


@frozen
class Preset:
    """Several outputs by one prompt."""

    product: Product
    outputs: tuple[str, ...]
    """The main one first."""


_CAMPAIGN = ("video", "music", "thumbnail")

PRESETS: Mapping[str, Preset] = {
    "image.basic": Preset(TYPES["image"], ("image",)),
    "video.basic": Preset(TYPES["video"], ("video",)),
    "music.basic": Preset(TYPES["music"], ("music",)),
    "streaming_campaign": Preset(Product(price=Decimal("5.90"), tier=3, queue=5, run=120, rules={}), _CAMPAIGN),
    "full_production": Preset(Product(price=Decimal("7.90"), tier=3, queue=5, run=150, rules={}), (*_CAMPAIGN, "seo")),
}
"""They exceed what a task of tier 2 may cost, hence tier 3."""

HIGH_QUALITY = Decimal("1.5")
"""What an image of high quality costs more (SKILL.md)."""


def task_type(word: Any) -> str | None:
    """Read a type in either spelling, `image` or `image_generation`; None for what is no type."""
    short = word.removesuffix("_generation") if isinstance(word, str) else None
    return short if short in TYPES else None


def price_of(product: Product, parameters: Mapping[str, Any]) -> Decimal:
    """Price a task in US dollars."""
    factor = HIGH_QUALITY if parameters.get("quality") == "high" else Decimal(1)
    return product.price * factor * int(parameters.get("quantity", 1))
