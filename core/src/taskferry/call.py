"""One HTTP call as an adapter wants it made; nothing here sends anything."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

from attrs import frozen

from taskferry.errors import AdapterError

_PLAIN = re.compile("[A-Za-z0-9_-]+").fullmatch
"""What nearly every id is, and what needs no quoting."""


class Purpose(Enum):
    """What a call does at the provider, which decides how it may be repeated."""

    READ = "read"
    """Changes nothing; may be repeated."""
    CREATE = "create"
    """Starts a billed job; sent at most once."""
    WRITE = "write"
    """Changes something that costs nothing: an upload, a cancel."""


@frozen(kw_only=True)
class FilePart:
    """A local file that goes along with a call, read from disk while it is sent."""

    path: Path
    name: str = "file"
    """The multipart field; ignored when the file is the whole body."""
    media_type: str | None = None


@frozen(kw_only=True)
class InlineFile:
    """A local file that travels inside of a JSON body: it may stand wherever a text may in `Call.json`.

    It is read and encoded while the call is sent, and only then: ledger and logs have its path at most. A call whose
    files have more than 20 MiB together is stopped with a UsageError before anything is sent.
    """

    path: Path
    form: Literal["data-uri", "base64"] = "data-uri"
    """`data:image/png;base64,...`, or the plain base64."""
    media_type: str | None = None
    """For a data URI; guessed from the file's name where it is left out."""


class Call:
    """A call: built by the named constructors, sent by floor 2, never by the adapter."""

    __slots__ = ("body_file", "files", "headers", "json", "method", "params", "path", "purpose", "signed", "want_body")

    def __init__(
        self,
        method: str,
        path: str,
        *,
        purpose: Purpose,
        json: Any = None,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        files: Sequence[FilePart] = (),
        body_file: FilePart | None = None,
        signed: bool = True,
        want_body: bool = True,
    ) -> None:
        self.method = method
        self.path = path
        """A path below the base URL, or a whole URL that the provider gave."""
        self.purpose = purpose
        self.json = json
        self.params = params
        self.headers = headers
        self.files = files
        self.body_file = body_file
        self.signed = signed
        """Whether the key goes along; a signed call to a host that is not the provider's own is stopped."""
        self.want_body = want_body
        """Whether the body is read at all; without it the reply has status and headers only."""

    def __repr__(self) -> str:
        return f"<Call {self.purpose.value} {self.method} {self.path.partition('?')[0]}>"

    @classmethod
    def get(
        cls,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        signed: bool = True,
        want_body: bool = True,
        **place: Any,
    ) -> Call:
        """Read something; `{name}` in the path is filled from the keywords, quoted.

        Where the same address gives first the status and then a large file, `want_body=False` leaves the file to the
        artifact store.
        """
        return cls(
            "GET",
            fill(path, place),
            purpose=Purpose.READ,
            params=params,
            headers=headers,
            signed=signed,
            want_body=want_body,
        )

    @classmethod
    def query(cls, path: str, *, json: Any, headers: Mapping[str, str] | None = None, **place: Any) -> Call:
        """Read something with a POST that changes nothing."""
        return cls("POST", fill(path, place), purpose=Purpose.READ, json=json, headers=headers)

    @classmethod
    def create(
        cls,
        path: str,
        *,
        json: Any = None,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        files: Sequence[FilePart] = (),
        **place: Any,
    ) -> Call:
        """Start the billed job: the one call of a submit that is sent at most once."""
        return cls(
            "POST", fill(path, place), purpose=Purpose.CREATE, json=json, params=params, headers=headers, files=files
        )

    @classmethod
    def post(
        cls, path: str, *, json: Any = None, headers: Mapping[str, str] | None = None, free: bool = False, **place: Any
    ) -> Call:
        """Send something that changes the provider's state; in a submit it counts as the billed call unless `free`."""
        purpose = Purpose.WRITE if free else Purpose.CREATE
        return cls("POST", fill(path, place), purpose=purpose, json=json, headers=headers)

    @classmethod
    def write(cls, method: str, path: str, *, json: Any = None, **place: Any) -> Call:
        """Change something that costs nothing, by any method: cancel a job, delete an upload."""
        return cls(method, fill(path, place), purpose=Purpose.WRITE, json=json)

    @classmethod
    def upload(
        cls, path: str, file: FilePart, *, whole_body: bool = False, signed: bool = True, method: str = "", **place: Any
    ) -> Call:
        """Send a local file, as a multipart field (POST) or as the whole body (PUT, for a presigned URL)."""
        return cls(
            method or ("PUT" if whole_body else "POST"),
            fill(path, place),
            purpose=Purpose.WRITE,
            files=() if whole_body else (file,),
            body_file=file if whole_body else None,
            signed=signed,
        )


def fill(template: str, place: Mapping[str, Any]) -> str:
    """Put quoted values in the places of a path; raise AdapterError for a missing one or one that is not plain."""
    if "{" not in template or ("://" in template and not place):
        return template
    quoted = {}
    for name, value in place.items():
        if value.__class__ is str and _PLAIN(value):
            quoted[name] = value
            continue
        if isinstance(value, bool) or not isinstance(value, str | int):
            continue
        text = quote(str(value), safe="", errors="surrogatepass")
        if not text:
            continue  # an empty place would turn one job's address into that of all
        quoted[name] = text if text.strip(".") else text.replace(".", "%2E")
    try:
        return template.format_map(quoted)
    except (KeyError, ValueError, IndexError) as error:
        raise AdapterError(f"The path {template!r} has a place that nothing plain fills: {error}.") from error
