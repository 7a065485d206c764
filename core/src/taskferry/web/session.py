"""Who may look and who may act: the token of a shared gallery, its cookie, and the word that every form carries."""

from __future__ import annotations

import hashlib
import hmac
import secrets


class Session:
    """Secrets of one running server; a restart makes new ones."""

    def __init__(self, token: str | None) -> None:
        self._token = token
        self._key = secrets.token_bytes(32)
        self.cookie = f"taskferry-ui-{secrets.token_hex(4)}"
        """Its own for each server: browsers keep one jar for all ports of a machine."""
        self.csrf = secrets.token_urlsafe(24)
        """What a form of ours has and a page of others cannot read."""

    @property
    def open(self) -> bool:
        """Tell whether nobody has to show a token."""
        return self._token is None

    @property
    def pass_word(self) -> str:
        """Give the cookie's value: it follows from the token and from this process, and tells neither."""
        return hmac.new(self._key, (self._token or "").encode(), hashlib.sha256).hexdigest()

    def knows(self, token: str) -> bool:
        """Tell whether a token is right, in a time that tells nothing about it."""
        return self._token is not None and _same(token, self._token)

    def admits(self, cookie: str) -> bool:
        """Tell whether a cookie is ours."""
        return self.open or _same(cookie, self.pass_word)

    def made(self, csrf: str) -> bool:
        """Tell whether a form's word is ours."""
        return _same(csrf, self.csrf)


def _same(given: str, known: str) -> bool:
    """Compare by hash, so that neither length nor letters show in the time that it takes."""
    return hmac.compare_digest(*(hashlib.sha256(text.encode("utf-8", "replace")).digest() for text in (given, known)))
