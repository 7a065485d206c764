"""How files come in: in a form, or by a PUT to a presigned URL that wants no key."""

from __future__ import annotations

from typing import Any

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException
from starlette.exceptions import HTTPException

from taskferry.sandbox import Context
from taskferry_tripo.sandbox.replies import fail
from taskferry_tripo.sandbox.uploads import MOST_BYTES, Uploads, kind_of


class Storage:
    """Takes files in."""

    def __init__(self, uploads: Uploads, files: Any, settings: Any) -> None:
        self._uploads = uploads

    async def receive(self, context: Context, *, prefix: str = "file_") -> str:
        """Take a file of a form in and give its token."""
        try:
            async with context.request.form() as form:
                part = form.get("file")
                if not isinstance(part, UploadFile):
                    fail(context, 1004, "the form must hold a file called file")
                content, name = await part.read(), part.filename or ""
        except HTTPException as error:
            fail(context, 1003, str(error.detail))
        if not content:
            fail(context, 2003)
        kind = kind_of(content, name)
        if kind is None:
            fail(context, 2004)
        if len(content) > MOST_BYTES[kind]:
            fail(context, 1004, f"the file must have at most {MOST_BYTES[kind]} bytes, not {len(content)}")
        return self._uploads.add(context.account.id, kind, name, prefix=prefix).token
