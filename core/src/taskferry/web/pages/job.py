"""New jobs: a form for every operation, its price before it is sent, and the sending."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote as quoted

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from taskferry.cli import words
from taskferry.cost import Amount
from taskferry.errors import InvalidParameters, TaskferryError, UnknownName
from taskferry.operation import Operation
from taskferry.spend import CapLine
from taskferry.text import clean
from taskferry.web.asking import Asked, asked_for, by_field, refuse_strange
from taskferry.web.fields import fields_of
from taskferry.web.forms import sent_form
from taskferry.web.state import State, state_of

_PATIENCE = 10.0
"""Seconds that the browser waits for the provider's answer to the create; the submit itself goes on."""
_UNKNOWN_PRICE = "The price is not known before."


async def choices(request: Request) -> Response:
    """List every operation."""
    state = state_of(request)
    offered: dict[str, list[Operation]] = {}
    for operation in state.ferry.operations():
        offered.setdefault(operation.kind.value, []).append(operation)
    return state.renderer.page(request, "new.html", offered=offered)


async def form(request: Request) -> Response:
    """Show the form of an operation, empty, with its example, or with the parameters of another task."""
    state = state_of(request)
    operation = _operation(request, state)
    values = await _known(state, request.query_params.get("from"), operation)
    if "example" in request.query_params:
        values = operation.example
    return await _shown(request, operation, values)


async def submit(request: Request) -> Response:
    """Send a job; a form that is sent twice gives the task that exists."""
    state = state_of(request)
    operation = _operation(request, state)
    async with sent_form(request) as given:
        before = str(given.get("from", "")) or None
        asked = await asked_for(operation, given, state.uploads, known=await _known(state, before, operation))
        most, once = str(given.get("max_cost", "")).strip() or None, str(given.get("once", ""))[:100]
        anyway = given.get("allow_unpriced") == "yes"
    try:
        refuse_strange(operation, asked)
        task = await state.ferry.submit(
            operation.name,
            asked.parameters,
            max_cost=most,
            allow_unpriced=anyway,
            idempotency_key=_key(once, operation, asked),
            again=True,
            patience=_PATIENCE,
        )
    except InvalidParameters as error:
        return await _shown(request, operation, asked.values, errors=by_field(error), most=most, before=before)
    except TaskferryError as error:
        return await _shown(request, operation, asked.values, errors={"": str(error)}, most=most, before=before)
    return RedirectResponse(f"/tasks/{quoted(task.id)}{'?said=same' if task.duplicate else ''}", status_code=303)


async def quote(request: Request) -> Response:
    """Tell what a form as it stands would cost; nothing is sent."""
    state = state_of(request)
    operation = _operation(request, state)
    async with sent_form(request) as given:
        before = str(given.get("from", "")) or None
        known = await _known(state, before, operation)
        asked = await asked_for(operation, given, state.uploads, known=known, keep=False)
    try:
        refuse_strange(operation, asked)
        amount = state.ferry.quote(operation.name, asked.parameters)
    except InvalidParameters as error:
        errors = {name: clean(text) for name, text in by_field(error).items()}
        return JSONResponse({"price": None, "text": "", "errors": errors})
    text = await _price_words(state, operation, amount)
    return JSONResponse({"price": None if amount is None else words.money(amount), "text": text, "errors": {}})


async def _shown(
    request: Request,
    operation: Operation,
    values: Mapping[str, Any],
    *,
    errors: Mapping[str, str] | None = None,
    most: str | None = None,
    before: str | None = None,
) -> Response:
    state = state_of(request)
    fields = fields_of(operation, values, errors)
    known = {field.name for field in fields}
    general = [text for name, text in (errors or {}).items() if name not in known]
    return state.renderer.page(
        request,
        "job.html",
        status=422 if errors else 200,
        operation=operation,
        fields=fields,
        general=general,
        price=await _price_of(state, operation, values),
        most=most or "",
        before=before or request.query_params.get("from", ""),
        once=secrets.token_urlsafe(12),
    )


async def _price_of(state: State, operation: Operation, values: Mapping[str, Any]) -> str:
    try:
        amount = state.ferry.quote(operation.name, values)
    except InvalidParameters:
        amount = operation.price
        if amount is None:
            return clean(operation.price_note or "It depends on the parameters.")
    return await _price_words(state, operation, amount)


async def _price_words(state: State, operation: Operation, amount: Amount | None) -> str:
    spend = await state.ferry.spend(1, provider=operation.provider)
    said = _UNKNOWN_PRICE if amount is None else words.money(amount)
    left = [text for line in spend.caps if (text := _cap_words(line))]
    return f"{said} ({'; '.join(left)})" if left else said


def _cap_words(line: CapLine) -> str:
    if line.left is None:
        return str(line.cap)
    return f"{line.cap}: {words.money(Amount(value=line.left, unit=line.cap.limit.unit))} left"


async def _known(state: State, task_id: str | None, operation: Operation) -> Mapping[str, Any]:
    """Give the parameters of the task that a form begins with, as far as the operation takes them."""
    if not task_id:
        return {}
    try:
        record = await state.ferry.engine.call(state.ferry.ledger.get, task_id)
    except UnknownName:
        return {}
    taken = operation.parameters.get("properties", {})
    return {name: value for name, value in record.job.parameters.items() if name in taken}


def _operation(request: Request, state: State) -> Operation:
    return state.ferry.operation(f"{request.path_params['provider']}/{request.path_params['operation']}")


def _key(once: str, operation: Operation, asked: Asked) -> str | None:
    """Make one form's one job: what is changed after going back is another job."""
    if not once:
        return None
    said = json.dumps([operation.name, asked.parameters], sort_keys=True, default=str)
    return f"{once}-{hashlib.sha256(said.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"
