"""Places in a card's calls, taken apart once: paths, queries, headers and bodies that values are put into."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import quote

from taskferry.call import Call, Purpose, fill
from taskferry.cards.model import CallSpec
from taskferry.cards.values import as_text
from taskferry.errors import AdapterError, MalformedReply

Places = Mapping[str, Any]
Make = Callable[[Places], Any]

PLACE = re.compile(r"\{\+?([A-Za-z_][A-Za-z0-9_]*)\}")
_ADDRESS = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")
_QUICK = re.compile("[A-Za-z0-9_-]+").fullmatch


class _LeftOut:
    """Stands for what is left out of a body."""


LEFT_OUT: Final = _LeftOut()


def names_in(template: Any) -> frozenset[str]:
    """Name the places in a text, or in all texts of a body."""
    return frozenset(_names(template))


def _names(template: Any) -> Iterator[str]:
    if isinstance(template, str):
        yield from PLACE.findall(template)
    elif isinstance(template, Mapping):
        for value in template.values():
            yield from _names(value)
    elif isinstance(template, list | tuple):
        for value in template:
            yield from _names(value)


class CallTemplate:
    """One call of a card, ready to be filled."""

    __slots__ = ("_body", "_headers", "_path", "_query", "method", "spec")

    def __init__(self, spec: CallSpec, headers: Mapping[str, str]) -> None:
        """Take a call, and the headers that go with every call to the provider."""
        self.spec = spec
        self.method = spec.method.upper()
        self._path = compile_path(spec.path)
        self._query = [(name, _compile_query(name, value)) for name, value in spec.query.items()]
        self._headers = [(name, compile_body(value)) for name, value in {**headers, **spec.headers}.items()]
        self._body = None if spec.body is None else _compile_whole(spec.body)

    def path(self, places: Places) -> str:
        """Give the path with its places filled; raise AdapterError for one that nothing fills."""
        return self._path(places)

    def query(self, places: Places) -> dict[str, Any] | None:
        """Give the query, None where the call has none; raise AdapterError as `path` does."""
        return {name: make(places) for name, make in self._query} if self._query else None

    def headers(self, places: Places) -> dict[str, str] | None:
        """Give the headers without those that mention what was not given."""
        if not self._headers:
            return None
        made = {name: make(places) for name, make in self._headers}
        return {name: text for name, value in made.items() if (text := as_text(value)) is not None}

    def body(self, places: Places) -> Any:
        """Give the body without what mentions something that was not given; None where the call has none."""
        return None if self._body is None else self._body(places)

    def call(self, places: Places, purpose: Purpose, *, want_body: bool = True) -> Call:
        """Give the call with everything filled."""
        return Call(
            self.method,
            self._path(places),
            purpose=purpose,
            json=None if self._body is None else self._body(places),
            params=self.query(places) if self._query else None,
            headers=self.headers(places) if self._headers else None,
            want_body=want_body,
        )


def is_address(path: str) -> bool:
    """Tell whether a path is one place alone: an address that the provider gave."""
    return _ADDRESS.fullmatch(path) is not None


def compile_path(path: str) -> Callable[[Places], str]:
    """Make the function that fills a path, each value quoted so that it cannot lead elsewhere."""
    names = PLACE.findall(path)
    if not names:
        return _constant(path)
    if is_address(path):
        return lambda places: _address(path, places.get(names[0]))
    parts = PLACE.split(path)
    whole = frozenset(name for name in names if f"{{+{name}}}" in path)
    if len(names) == 1 and not whole:
        return _one_place(names[0], parts[0], parts[2])

    def make(places: Places) -> str:
        return "".join(
            part if place % 2 == 0 else _segments(path, part, places) if part in whole else _quoted(part, places)
            for place, part in enumerate(parts)
        )

    return make


def _one_place(name: str, before: str, after: str) -> Callable[[Places], str]:
    def make(places: Places) -> str:
        value = places.get(name)
        if value.__class__ is str and _QUICK(value):
            return f"{before}{value}{after}"
        return f"{before}{_quoted(name, places)}{after}"

    return make


def _quoted(name: str, places: Places) -> str:
    return fill(f"{{{name}}}", {name: places.get(name)})


def _segments(path: str, name: str, places: Places) -> str:
    """Quote a value but for its slashes; raise AdapterError for one that would lead out of its place."""
    value = places.get(name)
    segments = value.split("/") if isinstance(value, str) else []
    if not segments or any(segment in ("", ".", "..") for segment in segments):
        raise AdapterError(f"The path {path!r} cannot be filled with {name}={value!r}.")
    return "/".join(quote(segment, safe="", errors="surrogatepass") for segment in segments)


def _address(path: str, value: object) -> str:
    if isinstance(value, str) and value.startswith(("https://", "http://", "/")) and _is_unicode(value):
        return value
    raise MalformedReply(f"{path} is {value!r}, which is no address of the provider's.")


def _is_unicode(text: str) -> bool:
    try:
        return bool(text.encode())
    except UnicodeEncodeError:
        return False


def _compile_query(name: str, template: Any) -> Make:
    make = compile_body(template)

    def query(places: Places) -> Any:
        value = make(places)
        if isinstance(value, list):
            return [as_text(item) or "" for item in value]
        text = "" if value == "" else as_text(value)
        if text is None:
            raise AdapterError(f"The query {name}={template} has a place that nothing plain fills.")
        return text

    return query


def compile_body(template: Any) -> Make:
    """Make the function of a body's part; it gives LEFT_OUT for what mentions something that is not there."""
    if isinstance(template, str):
        return _text(template)
    if not names_in(template):
        return _constant(template)
    return _table(template) if isinstance(template, Mapping) else _list(template)


def _constant(value: Any) -> Make:
    return lambda _: value


def _compile_whole(body: Any) -> Make:
    """Make the function of a whole body, which is never left out itself."""
    if not isinstance(body, Mapping):
        make = compile_body(body)
        return lambda places: None if (made := make(places)) is LEFT_OUT else made
    makers = [(name, compile_body(value)) for name, value in body.items()]
    return lambda places: {name: value for name, maker in makers if (value := maker(places)) is not LEFT_OUT}


def _text(template: str) -> Make:
    names = PLACE.findall(template)
    if not names:
        return _constant(template)
    if is_address(template):
        return lambda places: places.get(names[0], LEFT_OUT)
    parts = PLACE.split(template)

    def make(places: Places) -> Any:
        if any(name not in places for name in names):
            return LEFT_OUT
        return "".join(part if place % 2 == 0 else _within(template, places[part]) for place, part in enumerate(parts))

    return make


def _within(template: str, value: object) -> str:
    text = "" if value == "" else as_text(value)
    if text is None:
        raise AdapterError(f"{template!r} has a place that is filled by {type(value).__name__}, not by a plain value.")
    return text


def _table(template: Mapping[str, Any]) -> Make:
    """Make the function of a table: whole with its constants, or nothing where all that it mentions is missing."""
    makers = [(name, compile_body(value)) for name, value in template.items()]
    mentioned = names_in(template)

    def make(places: Places) -> Any:
        if mentioned.isdisjoint(places):
            return LEFT_OUT
        return {name: value for name, maker in makers if (value := maker(places)) is not LEFT_OUT}

    return make


def _list(template: list[Any] | tuple[Any, ...]) -> Make:
    makers = [compile_body(item) for item in template]

    def make(places: Places) -> Any:
        return [value for maker in makers if (value := maker(places)) is not LEFT_OUT] or LEFT_OUT

    return make
