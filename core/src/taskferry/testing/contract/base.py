"""What every family of cases is built on: the author's attributes, and the subject made of them."""

from __future__ import annotations

from typing import Any, ClassVar

from taskferry.testing.contract.subject import Subject, subject_of


class Contract:
    """What an author says about the adapter under test."""

    card: ClassVar[str | None] = None
    """A card's path beside the test file, or `package.module:file.toml`, with `#region` where it has several.

    The samples come of its examples.
    """
    adapter: ClassVar[Any] = None
    """Instead: the adapter's class, or what makes one."""
    created: ClassVar[Any] = None
    """The reply to a create: a JSON body, `(http, body)`, or a list of replies for the calls of a submit in turn; or a
    mapping of these by operation."""
    replies: ClassVar[Any] = None
    """A status reply for each of the provider's words; a list where results are further reads away; or a mapping of
    these by operation."""
    parameters: ClassVar[Any] = None
    """What a job needs beside the operation's example, such as the Path of a local file; or a mapping by operation."""
    refused: ClassVar[Any] = None
    """The provider's error reply, or a list of them, as `(http, body)`; one under HTTP 200 if it has such."""
    statuses: ClassVar[Any] = None
    """What words mean that are not the field's usual ones: `{"nsfw": "moderated"}`."""
    unknown: ClassVar[str | None] = None
    """What the provider documents a new word to count as: `queued` or `running`; None: it changes nothing."""
    uploaded: ClassVar[Any] = None
    """Replies to the calls of a submit beside its create, in turn."""
    cancelled: ClassVar[Any] = None
    """The reply to a cancel that was taken."""
    balance: ClassVar[Any] = None
    """The reply to a read of the balance."""
    recent: ClassVar[Any] = None
    """The reply to a listing of the latest jobs, which shows at least one."""
    not_sent: ClassVar[tuple[str, ...]] = ()
    """Parameters that by design change nothing in any call."""

    @property
    def subject(self) -> Subject:
        """Give what is tested; it is made once for a class."""
        made: Subject | None = type(self).__dict__.get("_subject")
        if made is None:
            made = subject_of(type(self))
            setattr(type(self), "_subject", made)  # noqa: B010 -- kept on each class for itself
        return made
