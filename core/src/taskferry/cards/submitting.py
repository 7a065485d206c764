"""The submit through a card: uploads first, then exactly one billed call."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from typing import Any

from taskferry.adapter import Accepted, Exchange, Request
from taskferry.call import Call, FilePart, Purpose
from taskferry.cards.expression import Expression, compile_expression
from taskferry.cards.looking import cost_of
from taskferry.cards.model import CostSpec, OperationSpec
from taskferry.cards.template import CallTemplate, names_in
from taskferry.cards.uploading import Upload
from taskferry.cards.values import missing
from taskferry.cards.wiring import body_steps, form_fields, local_files, put, sent_file, wired, with_defaults
from taskferry.cost import Cost
from taskferry.errors import AdapterError, MalformedReply
from taskferry.parameters import local_file
from taskferry.reply import Reply
from taskferry.task import Observation

Body = Callable[[Mapping[str, Any]], Any]
"""A card's own step in Python: takes the parameters that were given, files already sent, and makes the body."""
Read = Callable[[Reply, Mapping[str, Any]], Observation | None]


class Submit:
    """How one operation of a card is submitted."""

    def __init__(
        self,
        operation: OperationSpec,
        headers: Mapping[str, str],
        *,
        upload: Upload | None,
        look: Callable[[Mapping[str, Any]], Call],
        read: Read | None,
        body: Body | None,
        names_operation: bool,
    ) -> None:
        """Take an operation and its status read; `read` where the create's reply may be read like that one's."""
        spec = operation.submit
        self._operation = operation
        self._template = CallTemplate(spec.call, headers)
        self._upload = upload
        self._look = look
        self._read = read
        self._own_body = body
        self._cost: tuple[CostSpec, Expression] | None = (
            None if spec.cost is None else (spec.cost, compile_expression(spec.cost.at))
        )
        self.remote_of = RemoteReader(spec.remote, operation.name if names_operation else None)
        mentioned = names_in([spec.call.path, spec.call.query, spec.call.headers, spec.call.body])
        self._in_address = names_in([spec.call.path, spec.call.query])
        self._steps = {
            name: body_steps(spec.under, parameter.to)
            for name, parameter in operation.parameters.items()
            if name not in mentioned and body is None
        }

    def submit(self, request: Request) -> Exchange[Accepted]:
        """Submit one job."""
        given = yield from self._sent(request)
        call = self._call(given, request.task_id)
        reply = yield call
        return self.accepted(reply, with_defaults(self._operation, request.parameters))

    def accepted(self, reply: Reply, parameters: Mapping[str, Any]) -> Accepted:
        """Read the reply to the billed call; raise MalformedReply where it does not name the job."""
        remote = self.remote_of(reply, reply.json if reply.content else None, parameters)
        try:
            self._look(remote)
        except AdapterError as error:
            raise MalformedReply(f"HTTP {reply.status} names no job that can be looked at: {error}") from error
        return Accepted(remote=remote, observation=self._seen(reply, remote), cost=self._named_cost(reply))

    def _sent(self, request: Request) -> Generator[Call, Reply, dict[str, Any]]:
        """Send the files that go before the billed call; give the parameters with what stands for each file."""
        given = dict(request.parameters)
        for name, value in given.items():
            files = local_files(value) if self._is_media(name) else ()
            if not files:
                continue
            spec = self._operation.parameters[name]
            stands: dict[Any, Any] = {}
            for path in dict.fromkeys(files):
                if spec.send == "upload" and self._upload is not None:
                    stands[path] = yield from self._upload.send(path)
                else:
                    stands[path] = sent_file(spec, path, request.operation.name)
            items = value if isinstance(value, list | tuple) else [value]
            replaced = [stands.get(local_file(item), item) for item in items]
            given[name] = replaced if isinstance(value, list | tuple) else replaced[0]
        return given

    def _is_media(self, name: str) -> bool:
        schema = self._operation.schema.get("properties", {}).get(name, {})
        return "media" in (schema.get("format"), schema.get("items", {}).get("format"))

    def _call(self, given: Mapping[str, Any], task_id: str) -> Call:
        known = {name: spec for name, spec in self._operation.parameters.items() if name in given or spec.always}
        complete = with_defaults(self._operation, given)
        values = {name: wired(spec, complete[name]) for name, spec in known.items() if name in complete}
        files = [part for value in values.values() for part in (value if isinstance(value, list) else [value])]
        files = [part for part in files if isinstance(part, FilePart)]
        plain = {name: value for name, value in values.items() if not _is_file(value)}
        body = self._body(given, {"task_id": task_id, **plain})
        places = {"task_id": task_id, **self._defaults(complete), **plain}
        return Call(
            self._template.method,
            self._template.path(places),
            purpose=Purpose.CREATE,
            json=form_fields(body) if files else body,
            params=self._template.query(places),
            headers=self._template.headers({"task_id": task_id, **plain}),
            files=files,
        )

    def _defaults(self, complete: Mapping[str, Any]) -> dict[str, Any]:
        """Give the wire's forms of what stands in path and query, given or not."""
        specs = self._operation.parameters
        return {name: wired(specs[name], complete[name]) for name in self._in_address & complete.keys() & specs.keys()}

    def _body(self, given: Mapping[str, Any], places: Mapping[str, Any]) -> Any:
        if self._own_body is not None:
            return self._own_body(given)
        made = self._template.body(places)
        if made is not None and not isinstance(made, dict):
            return made
        body = _copy(made or {})
        for name, steps in self._steps.items():
            if name in places:
                put(body, steps, places[name])
        return body

    def _seen(self, reply: Reply, remote: Mapping[str, Any]) -> Observation | None:
        if self._read is None:
            return None
        try:
            return self._read(reply, remote)
        except MalformedReply:
            return None  # the job exists whatever else the reply lacks; the next look shows how it stands

    def _named_cost(self, reply: Reply) -> Cost | None:
        if self._cost is None:
            return None
        spec, expression = self._cost
        found = cost_of(spec, expression.of(reply, reply.json if reply.content else None))
        return None if found is None else Cost(estimated=found.estimated or found.actual, unit=found.unit)


class RemoteReader:
    """Reads what finds a job again."""

    def __init__(self, spec: Mapping[str, str], operation: str | None) -> None:
        """Take expressions by name, and the operation's name where `fetch` has to know it."""
        self.expressions = {name: compile_expression(text) for name, text in spec.items()}
        self.operation = operation

    def __call__(self, reply: Reply, document: Any, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Give the `remote` that a reply names; raise MalformedReply where a member of it is missing."""
        remote: dict[str, Any] = {}
        for name, expression in self.expressions.items():
            value = expression.of(reply, document, parameters)
            if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
                raise missing(reply, expression.text, value)
            remote[name] = value
        return self._whole(remote)

    def named(self, text: str) -> dict[str, Any]:
        """Give the `remote` of a job whose one id is known, as the provider's pages show it."""
        return self._whole(dict.fromkeys(self.expressions, text))

    def _whole(self, remote: dict[str, Any]) -> dict[str, Any]:
        return remote if self.operation is None else {**remote, "operation": self.operation}


def _is_file(value: Any) -> bool:
    return isinstance(value, FilePart) or (
        isinstance(value, list) and any(isinstance(item, FilePart) for item in value)
    )


def _copy(value: Any) -> Any:
    """Copy tables and lists, so that a card's own body is never written to; files by reference stay as they are."""
    if isinstance(value, Mapping):
        return {name: _copy(inner) for name, inner in value.items()}
    return [_copy(inner) for inner in value] if isinstance(value, list | tuple) else value
