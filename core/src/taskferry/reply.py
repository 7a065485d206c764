"""One HTTP reply as an adapter reads it: typed access that fails clearly."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, TypeVar, cast, overload

from taskferry.errors import MalformedReply
from taskferry.text import clean

T = TypeVar("T")
D = TypeVar("D")
_MISSING: Any = object()
_PLACE = re.compile(r"-?[0-9]{1,9}")


class Reply:
    """A whole reply, whatever its HTTP status."""

    __slots__ = ("_json", "content", "headers", "status", "trace_id", "url")

    def __init__(
        self,
        status: int,
        content: bytes,
        headers: Mapping[str, str] | None = None,
        *,
        url: str = "",
        trace_id: str | None = None,
    ) -> None:
        self.status = status
        self.content = content
        self.headers = {name.lower(): value for name, value in (headers or {}).items()}
        """Names in small letters."""
        self.url = url
        self.trace_id = trace_id
        self._json: Any = _MISSING

    def __repr__(self) -> str:
        return f"<Reply {self.status}, {len(self.content)} bytes>"

    @property
    def ok(self) -> bool:
        """Tell whether the HTTP status is one of success."""
        return 200 <= self.status < 300

    @property
    def json(self) -> Any:
        """Give the decoded body; raise MalformedReply if it is not JSON."""
        if self._json is _MISSING:
            try:
                self._json = json.loads(self.content)
            except (ValueError, RecursionError) as error:
                start = clean(self.content[:400].decode("utf-8", "replace"), 120)
                raise MalformedReply(f"HTTP {self.status} came with a body that is not JSON: {start!r}") from error
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
        import msgspec  # the core stays light until an adapter asks for it

        try:
            return msgspec.json.decode(self.content, type=kind)
        except (msgspec.DecodeError, RecursionError) as error:
            raise MalformedReply(
                f"HTTP {self.status} came with a body that does not fit: {clean(error, 200)}"
            ) from error

    @property
    def retry_after(self) -> float | None:
        """Give Retry-After in seconds; a date is told apart by floor 2, which writes the seconds in its place."""
        try:
            seconds = float(self.headers.get("retry-after", ""))
        except ValueError:
            return None
        return seconds if 0 <= seconds < float("inf") else None

    def _start(self) -> str:
        return clean(self.content[:400].decode("utf-8", "replace"), 160)


def dig(value: Any, path: str) -> Any:
    """Follow a path of keys and list places through JSON; None where it leads nowhere."""
    for part in path.split("."):
        if isinstance(value, Mapping):
            value = value.get(part)
        elif isinstance(value, list) and _PLACE.fullmatch(part):
            place = int(part)
            value = value[place] if -len(value) <= place < len(value) else None
        else:
            return None
    return value
