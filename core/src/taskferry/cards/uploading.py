"""The way of a local file to a provider: a call that carries it, and often one before it that says where to."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Any

from taskferry.call import Call, FilePart, Purpose
from taskferry.cards.expression import compile_expression
from taskferry.cards.model import UploadSpec
from taskferry.cards.template import LEFT_OUT, CallTemplate, compile_body, is_address, names_in
from taskferry.cards.values import as_text, missing
from taskferry.errors import MalformedReply
from taskferry.media import media_type_of
from taskferry.reply import Reply


class Upload:
    """How a card's provider takes files; every call of it is free."""

    def __init__(self, spec: UploadSpec, headers: Mapping[str, str]) -> None:
        # A file goes to a presigned address as it is: neither the key nor the provider's headers go there.
        self._signed = not is_address(spec.call.path)
        self._call = CallTemplate(spec.call, headers if self._signed else {})
        self._prepare = None if spec.prepare is None else CallTemplate(spec.prepare, headers)
        self._places = [(name, compile_expression(text)) for name, text in spec.places.items()]
        self._field = spec.field
        self._result = spec.result
        self._whole = self._call.method == "PUT"
        self._text = compile_body(spec.result) if names_in(spec.result) else None
        self._expression = None if self._text else compile_expression(spec.result)

    def send(self, path: Path) -> Generator[Call, Reply, Any]:
        """Send one file; give what the create names it by."""
        part = FilePart(path=path, name=self._field, media_type=media_type_of(path.name))
        places: dict[str, Any] = {
            "file_name": path.name,
            "media_type": part.media_type or "application/octet-stream",
        }
        document: Any = None
        if self._prepare is not None:
            prepared = yield self._prepare.call(places, Purpose.WRITE)
            document = prepared.json
            for name, expression in self._places:
                value = expression.of(prepared, document)
                if as_text(value) is None:
                    raise missing(prepared, expression.text, value)
                places[name] = value
        reply = yield self._carrying(part, places)
        return self._named(reply, _document(reply, document), places)

    def _carrying(self, part: FilePart, places: Mapping[str, Any]) -> Call:
        template = self._call
        return Call(
            template.method,
            template.path(places),
            purpose=Purpose.WRITE,
            json=None if self._whole else template.body(places),
            params=template.query(places),
            headers=template.headers(places),
            files=() if self._whole else (part,),
            body_file=part if self._whole else None,
            signed=self._signed,
        )

    def _named(self, reply: Reply, document: Any, places: Mapping[str, Any]) -> Any:
        if self._expression is None:
            named = LEFT_OUT if self._text is None else self._text(places)
        else:
            named = self._expression.of(reply, document)
        if named is LEFT_OUT or named in (None, "", [], {}):
            raise missing(reply, self._result, None)
        return named


def _document(reply: Reply, before: Any) -> Any:
    """Give the last document there is: a PUT to a store of files has none, or one in XML."""
    if not reply.content:
        return before
    try:
        return reply.json
    except MalformedReply:
        if before is None:
            raise
        return before
