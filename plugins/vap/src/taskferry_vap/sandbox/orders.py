"""Reads the bodies of creates, in every spelling, into orders; what is wrong is answered with its code."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import unquote

from attrs import frozen

from taskferry.sandbox import Context, StandIn
from taskferry_vap.sandbox.errors import fail
from taskferry_vap.sandbox.making import EXTRAS, PLANS, Edits
from taskferry_vap.sandbox.outputs import Output
from taskferry_vap.sandbox.products import OPERATIONS, PRESETS, TYPES, Product, price_of, task_type
from taskferry_vap.sandbox.rules import Rule, complete, faults_of
from taskferry_vap.sandbox.sources import refuse

_PRESET_MUSIC = {"duration": 30}
"""Seconds are not documented; the shortest that there is."""


@frozen(kw_only=True)
class Order:
    """A create that is valid."""

    product: Product
    type: str
    """As the service shows it: `image`, `upscale`, `full_production`."""
    prompt: str
    price: Decimal
    """US dollars."""
    outputs: Mapping[str, Output]
    webhook_url: str | None


async def body_of(context: Context) -> dict[str, Any]:
    """Read a JSON object, or answer 400."""
    try:
        body = await context.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        fail(context, "invalid_request")
    return body


def read_task(context: Context, body: Mapping[str, Any]) -> Order:
    """Read the body of `POST /v3/tasks`, with `params` or flat."""
    given = object_in(context, body, "params", body)
    return _made(context, body, body.get("type"), prompt_in(given), given)


def read_generation(context: Context, body: Mapping[str, Any]) -> Order:
    """Read the body of `POST /api/v1/generations`, whose prompt is beside `params`."""
    given = object_in(context, body, "params", {})
    return _made(context, body, body.get("kind"), prompt_in(body) or prompt_in(given), given)


def read_preset(context: Context, body: Mapping[str, Any]) -> Order:
    """Read the body of `POST /v3/execute`."""
    prompt = prompt_in(body)
    _begin(context, prompt)
    name = body.get("preset")
    preset = PRESETS.get(name) if isinstance(name, str) else None
    if preset is None:
        fail(context, "invalid_preset")
    worded = _worded(context, prompt)
    return Order(
        product=preset.product,
        type=str(name),
        prompt=worded,
        price=preset.product.price,
        outputs={output: _preset_output(output) for output in preset.outputs},
        webhook_url=_webhook_url(context, body),
    )


def read_operation(stand_in: StandIn, context: Context, body: Mapping[str, Any]) -> Order:
    """Read the body of `POST /v3/operations`, whose further parameters are in `options` or beside it."""
    given = {**body, **object_in(context, body, "options", {})}
    _begin(context, _text_of(given))
    name = body.get("operation")
    product = OPERATIONS.get(name) if isinstance(name, str) else None
    if product is None:
        fail(context, "invalid_operation")
    parameters = _checked(context, product.rules, given)
    return Order(
        product=product,
        type=str(name),
        prompt=_text_of(given),
        price=price_of(product, parameters),
        outputs=Edits(stand_in, context).plan(str(name), parameters),
        webhook_url=_webhook_url(context, body),
    )


def object_in(context: Context, body: Mapping[str, Any], name: str, default: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give an object inside a body, or answer 422 for anything else."""
    given = body.get(name, default)
    if not isinstance(given, Mapping):
        refuse(context, name, f"must be an object, not {given!r}")
    return given


def prompt_in(given: Mapping[str, Any]) -> str:
    """Read the prompt in either spelling; empty where there is none."""
    found = given.get("description") or given.get("prompt")
    return found if isinstance(found, str) else ""


def _made(context: Context, body: Mapping[str, Any], word: object, prompt: str, given: Mapping[str, Any]) -> Order:
    _begin(context, prompt)
    name = task_type(word)
    if name is None:
        fail(context, "invalid_task_type")
    worded = _worded(context, prompt)
    product = TYPES[name]
    parameters = _checked(context, product.rules, given)
    return Order(
        product=product,
        type=name,
        prompt=worded,
        price=price_of(product, parameters),
        outputs={name: PLANS[name](parameters)},
        webhook_url=_webhook_url(context, body),
    )


def _preset_output(name: str) -> Output:
    if name in EXTRAS:
        return EXTRAS[name]()
    return PLANS[name](complete(TYPES[name].rules, _PRESET_MUSIC if name == "music" else {}))


def _begin(context: Context, prompt: str) -> None:
    if prompt:
        context.begin(prompt)


def _worded(context: Context, prompt: str) -> str:
    if not prompt.strip():
        fail(context, "invalid_description")
    return prompt


def _checked(context: Context, rules: Mapping[str, Rule], given: Mapping[str, Any]) -> dict[str, Any]:
    parameters = complete(rules, given)
    if wrong := faults_of(rules, parameters):
        fail(context, "invalid_parameters", errors=wrong)
    return parameters


def _webhook_url(context: Context, body: Mapping[str, Any]) -> str | None:
    url = body.get("webhook_url")
    if url is not None and not (isinstance(url, str) and url.startswith(("http://", "https://"))):
        refuse(context, "webhook_url", f"must be an http or https URL, not {url!r}")
    return url


def _text_of(given: Mapping[str, Any]) -> str:
    """Give the text that tells of an edit: its prompt, else the URLs it works on."""
    urls = given.get("media_urls")
    words = [given.get("prompt"), given.get("media_url"), *(urls if isinstance(urls, list) else [])]
    return next((unquote(word) for word in words if isinstance(word, str) and word), "")
