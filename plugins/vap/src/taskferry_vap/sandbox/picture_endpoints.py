"""V3's older calls, as the SDK knows them: generate, upscale and validate answer when the picture is there."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from io import BytesIO
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from attrs import evolve
from starlette.responses import JSONResponse, Response

from taskferry.sandbox import Context, Endpoint, Job
from taskferry_vap.sandbox.documents import money, task_document
from taskferry_vap.sandbox.making import Edits
from taskferry_vap.sandbox.orders import Order, body_of, read_task
from taskferry_vap.sandbox.products import OPERATIONS
from taskferry_vap.sandbox.results import main_urls
from taskferry_vap.sandbox.rules import address
from taskferry_vap.sandbox.sources import Source, caption_of, find_source, inline_source, refuse

if TYPE_CHECKING:
    from taskferry_vap.sandbox.service import VapStandIn

_PATIENCE = 120.0
"""Seconds that a reply waits for its picture, before the speed."""
_LOOK = 0.05
"""Seconds between looks at the clock."""
_SCALES = {"2x": 2, "4x": 4}
_CHECKS = ("format", "size", "dimensions", "content")


def endpoints(stand_in: VapStandIn) -> Sequence[Endpoint]:
    """List the endpoints of pictures."""

    async def generate(context: Context) -> Response:
        body = await body_of(context)
        job = await stand_in.take(context, read_task(context, {"type": "image", **body}))
        seen = {"request_id": job.id, "aspect_ratio": body.get("aspect_ratio", "1:1"), "metadata": body.get("metadata")}
        return JSONResponse(await _answer(stand_in, context, job) | seen)

    async def upscale(context: Context) -> Response:
        body = await body_of(context)
        job = await stand_in.take(context, _upscale_order(stand_in, context, body))
        return JSONResponse(await _answer(stand_in, context, job) | {"scale": body.get("scale", "2x")})

    async def validate(context: Context) -> Response:
        body = await body_of(context)
        source = _source(stand_in, context, body)
        checks = body.get("checks", list(_CHECKS))
        if not isinstance(checks, list) or any(check not in _CHECKS for check in checks):
            refuse(context, "checks", f"must be some of {', '.join(_CHECKS)}, not {checks!r}")
        content = await asyncio.to_thread(source.read) if source.read else None
        found = _look(content) if content is not None else _unread(str(body.get("image_url")))
        return JSONResponse({"success": True, "validation": found, "cost": "0.0000", "error": None})

    return [
        Endpoint(method="POST", path="/v3/generate", handler=generate, kind="create"),
        Endpoint(method="POST", path="/v3/upscale", handler=upscale, kind="create"),
        Endpoint(method="POST", path="/v3/validate", handler=validate),
    ]


def _upscale_order(stand_in: VapStandIn, context: Context, body: dict[str, Any]) -> Order:
    source = _source(stand_in, context, body)
    word = body.get("scale", "2x")
    if word not in _SCALES:
        refuse(context, "scale", f"must be one of {', '.join(_SCALES)}, not {word!r}")
    product = OPERATIONS["upscale"]
    return Order(
        product=product,
        type="upscale",
        prompt=source.caption,
        price=product.price,
        outputs={"image": Edits(stand_in, context).enlarged(source, _SCALES[word], "scale")},
        webhook_url=None,
    )


def _source(stand_in: VapStandIn, context: Context, body: dict[str, Any]) -> Source:
    if (inline := body.get("image_base64")) is not None:
        return inline_source(context, "image_base64", inline)
    url = body.get("image_url")
    if not isinstance(url, str) or not address(required=True).allows(url):
        refuse(context, "image_url", f"must be an http or https URL, not {url!r}")
    return find_source(stand_in, context, "image_url", url, "image")


async def _answer(stand_in: VapStandIn, context: Context, job: Job) -> dict[str, Any]:
    clock = stand_in.settings.clock
    until = min(job.ends_at, context.now + _PATIENCE / stand_in.settings.speed)
    while (now := clock()) < until:  # noqa: ASYNC110  # a clock sends no events
        await asyncio.sleep(min(until - now, _LOOK))
    context = evolve(context, now=now)
    task = stand_in.document(context, job, task_document)
    made = job.has_output(now)
    urls = main_urls(job, lambda name: stand_in.file_url(context, job, name))[1] if made else [None]
    wrong = task["error_message"] or f"The task is {task['status']} and has no picture."
    return {
        "success": made,
        "task_id": job.id,
        "image_url": urls[0],
        "image_base64": None,
        "cost": money(job.charge, job) if task["status"] == "completed" else None,
        "error": None if made else wrong,
    }


def _look(content: bytes) -> dict[str, Any]:
    from PIL import Image

    with Image.open(BytesIO(content)) as picture:
        width, height = picture.size
        encoding = (picture.format or "").lower()
    small = ["smaller than 256 pixels"] if min(width, height) < 256 else []
    return _validation(encoding, {"width": width, "height": height}, len(content), small)


def _unread(url: str) -> dict[str, Any]:
    ending = PurePosixPath(urlsplit(url).path).suffix[1:] or None
    return _validation(ending, None, None, [f"{caption_of(url)} was not read: this stand-in fetches nothing"])


def _validation(
    encoding: str | None, dimensions: dict[str, int] | None, size: int | None, warnings: list[str]
) -> dict[str, Any]:
    return {
        "valid": True,
        "issues": [],
        "warnings": warnings,
        "format": encoding,
        "dimensions": dimensions,
        "size": size,
    }
