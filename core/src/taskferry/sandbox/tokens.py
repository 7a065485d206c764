"""The words of the fault scripts: what may stand between [[ and ]] in a prompt, and what each one does."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from attrs import frozen


class Phase(StrEnum):
    """When a fault strikes."""

    CREATE = "create"
    """At the billed call; a count says for how many creates with the same prompt."""
    READ = "read"
    """At a status read of the job; a count says for how many."""
    LIFE = "life"
    """In what becomes of the job; has no use for a count in a prompt."""
    FILE = "file"
    """At a download of the job's files; a count says for how many."""


@frozen
class Token:
    """One word of the fault scripts."""

    phase: Phase
    description: str
    argument: str | None = None
    """What follows the colon: `CODE`, `WORD`, or one that is checked (`STATUS`, `SECONDS`, `COUNT`, `AMOUNT`)."""
    optional: bool = False
    """Whether the argument may be left out."""
    choices: tuple[str, ...] = ()
    """All that the argument may be; empty where any will do."""


TOKENS: Mapping[str, Token] = MappingProxyType(
    {
        "refuse": Token(Phase.CREATE, "The create is refused with this code; nothing is created.", "CODE"),
        "lost-reply": Token(Phase.CREATE, "The job is created, then the connection drops before the reply."),
        "http": Token(
            Phase.CREATE, "The create is answered with this HTTP status and a page; nothing is created.", "STATUS"
        ),
        "read-http": Token(Phase.READ, "Status reads of the job are answered with this HTTP status.", "STATUS"),
        "fail": Token(Phase.LIFE, "The job ends as failed, with this code.", "CODE", optional=True),
        "moderated": Token(Phase.LIFE, "The job ends on the provider's content rules.", "WORD", optional=True),
        "expired": Token(Phase.LIFE, "The job waits too long in the queue and is dropped.", "WORD", optional=True),
        "cancelled": Token(Phase.LIFE, "The job ends as cancelled."),
        "unknown-status": Token(
            Phase.LIFE, "The job shows a new status word for a while, then succeeds.", "WORD", optional=True
        ),
        "stuck": Token(Phase.LIFE, "The job runs and never ends."),
        "queue": Token(Phase.LIFE, "Length of the queue, before the speed.", "SECONDS"),
        "run": Token(Phase.LIFE, "Length of the run, before the speed.", "SECONDS"),
        "no-output": Token(Phase.LIFE, "The job succeeds and names no file."),
        "expired-url": Token(Phase.FILE, "A download is answered as one of an expired URL is (403)."),
        "truncated-file": Token(Phase.FILE, "The connection drops in the middle of a download."),
        "short-file": Token(Phase.FILE, "A download is complete for HTTP, but the file is cut in half."),
    }
)
"""The tokens that every stand-in knows; a stand-in may add its own."""
