"""One thing that `taskferry doctor` has looked at."""

from __future__ import annotations

from attrs import frozen

FINE, NOTE, BROKEN = "ok", "note", "broken"


@frozen(kw_only=True)
class Check:
    """One thing that was looked at."""

    name: str
    state: str = FINE
    """`ok`; `note` for what is worth knowing; `broken` for what keeps taskferry from working."""
    detail: str = ""
    mend: str = ""
    """What to do, in one line."""
