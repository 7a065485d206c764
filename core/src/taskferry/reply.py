"""One HTTP reply as an adapter reads it: typed access that fails clearly."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar, cast, overload

from taskferry.errors import MalformedReply
from taskferry.text import clean

T = TypeVar("T")
D = TypeVar("D")
_MISSING: Any = object()
_PLACE = re.compile(r"-?[0-9]{1,9}")
_decoders: dict[Any, Any] = {}
_DECODERS_AT_MOST = 256


class Reply:
    """A whole reply, whatever its HTTP status."""

    __slots__ = (
        "_given",
        "_headers",
        "_json",
        "_retry_after",
        "_trace_headers",
        "_trace_id",
        "content",
        "headers_read",
        "status",
        "url",
    )

    def __init__(
        self,
        status: int,
        content: bytes,
        headers: Mapping[str, str] | None = None,
        *,
        url: str = "",
        trace_id: str | None = None,
        trace_headers: Sequence[str] = (),
        retry_after: float | None = _MISSING,
    ) -> None:
        """Take a reply; floor 2 gives the names that trace ids go by, and Retry-After in seconds."""
        self.status = status
        self.content = content
        self.url = url
        self.headers_read = False
        """Whether anybody looked at them: what was made of the reply may then not follow from the body alone."""
        self._given = headers
        self._headers: dict[str, str] | None = None
        self._trace_id = trace_id
        self._trace_headers = trace_headers
        self._retry_after = retry_after
        self._json: Any = _MISSING

    def __repr__(self) -> str:
        return f"<Reply {self.status}, {len(self.content)} bytes>"

    @property
    def ok(self) -> bool:
        """Tell whether the HTTP status is one of success."""
        return 200 <= self.status < 300

    @property
    def headers(self) -> Mapping[str, str]:
        """Give the headers, their names in small letters."""
        self.headers_read = True
        return self._all_headers()

    @property
    def trace_id(self) -> str | None:
        """Give the provider's id of this reply, for its support."""
        if self._trace_id is None and self._trace_headers:
            headers = self._all_headers()
            found = next((headers[name] for name in self._trace_headers if name in headers), None)
            self._trace_id = clean(found, 100) if found else None
        return self._trace_id

    @property
    def json(self) -> Any:
        """Give the decoded body; raise MalformedReply if it is not JSON."""
        if self._json is _MISSING:
            self._json = self._decoded()
        return self._json

    @overload
    def at(self, path: str, kind: type[T], *, scale: float = 1) -> T: ...
    @overload
    def at(self, path: str, kind: type[T], *, default: D, scale: float = 1) -> T | D: ...
    def at(self, path: str, kind: type[T], *, default: Any = _MISSING, scale: float = 1) -> Any:
        """Give the value at a path such as `data.items.0.url`, as the asked type; a float is divided by `scale`.

        A value that is missing or null gives the default; without one, or with a wrong type, MalformedReply is raised.
        """
        value = dig(self.json, path)
        if value is None or value is _MISSING:
            if default is _MISSING:
                raise MalformedReply(f"HTTP {self.status} came without {path!r}: {self._start()}")
            return default
        if kind is float and isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**300:
            value = float(value)
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise MalformedReply(f"{path!r} is {clean(repr(value), 80)}, not {kind.__name__}: {self._start()}")
        return cast("float", value) / scale if kind is float and scale != 1 else value

    def decode(self, kind: type[T]) -> T:
        """Decode the body into a msgspec type, a dataclass or an attrs class; the quickest way for status replies."""
        decoder = _decoder(kind)
        try:
            return cast("T", decoder.decode(self.content))
        except (ValueError, RecursionError) as error:  # msgspec's own errors are ValueErrors
            raise MalformedReply(
                f"HTTP {self.status} came with a body that does not fit: {clean(error, 200)}"
            ) from error

    @property
    def retry_after(self) -> float | None:
        """Give Retry-After in seconds; floor 2 turns its date form into seconds."""
        self.headers_read = True
        if self._retry_after is _MISSING:
            self._retry_after = _seconds(self._all_headers().get("retry-after", ""))
        return self._retry_after

    def _decoded(self) -> Any:
        try:
            return _decoder(Any).decode(self.content)
        except (ValueError, RecursionError):
            return self._decoded_leniently()

    def _decoded_leniently(self) -> Any:
        """Decode what msgspec refuses and the standard library does not: NaN, numbers beyond a double, UTF-16."""
        try:
            return json.loads(self.content)
        except (ValueError, RecursionError) as error:
            start = clean(self.content[:400].decode("utf-8", "replace"), 120)
            raise MalformedReply(f"HTTP {self.status} came with a body that is not JSON: {start!r}") from error

    def _all_headers(self) -> dict[str, str]:
        if self._headers is None:
            self._headers = _lowered(self._given or {})
            self._given = None
        return self._headers

    def _start(self) -> str:
        return clean(self.content[:400].decode("utf-8", "replace"), 160)


def dig(value: Any, path: str) -> Any:
    """Follow a path of keys and list places through JSON; None where it leads nowhere."""
    if value.__class__ is dict and "." not in path:
        return value.get(path)
    for part in path.split("."):
        if isinstance(value, Mapping):
            value = value.get(part)
        elif isinstance(value, list) and _PLACE.fullmatch(part):
            place = int(part)
            value = value[place] if -len(value) <= place < len(value) else None
        else:
            return None
    return value


def _lowered(headers: Mapping[str, str]) -> dict[str, str]:
    lowered = {}
    for name in headers:
        try:
            lowered[name.lower()] = headers[name]
        except ValueError:  # a value that is not ASCII, which pyreqwest refuses to show
            continue
    return lowered


def _seconds(value: str) -> float | None:
    try:
        seconds = float(value)
    except ValueError:
        return None
    return seconds if 0 <= seconds < float("inf") else None


def _decoder(kind: Any) -> Any:
    """Give the decoder of a type, kept since making one costs more than a decode."""
    decoder = _decoders.get(kind)
    if decoder is None:
        from msgspec.json import Decoder  # the core stays light until a reply is read

        if len(_decoders) >= _DECODERS_AT_MOST:
            _decoders.clear()
        decoder = _decoders[kind] = Decoder(kind)
    return decoder
