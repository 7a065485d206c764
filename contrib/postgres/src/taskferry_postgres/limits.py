"""The limits of accounts, kept by all processes of a ledger together: who may send when, by the server's clock."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from functools import partial

from taskferry.ledger.backend import Durability, Granted
from taskferry_postgres.database import Database
from taskferry_postgres.schema import channel_of

log = logging.getLogger("taskferry")

_LEASE = "SELECT * FROM lease_requests(?, ?, ?, ?, ?)"
_HOLD_BACK = "SELECT hold_back(?, ?, ?, ?)"


class KeepsLimits:
    """What makes a ledger of PostgreSQL one that `SharesLimits`."""

    _postgres: Database
    _holds_heard: Callable[[str, str, float], None] | None = None

    @property
    def holder(self) -> str:
        """Name this process among those that share an account."""
        raise NotImplementedError

    def lease_requests(self, account: str, *, rate: float, burst: int, wanted: int) -> Granted:
        """Reserve the account's next requests for this process, at most as many as wanted and as its fair share."""
        with self._postgres.writing(Durability.NORMAL) as connection:
            values = (account, self.holder, float(rate), float(burst), wanted)
            row = connection.execute(_LEASE, values).fetchone()
        assert row is not None, "the function gives one row"
        count, starts_in, sharers, looks_closed, creates_closed = row
        return Granted(
            count=count,
            starts_in=starts_in,
            sharers=sharers,
            looks_closed=looks_closed,
            creates_closed=creates_closed,
        )

    def hold_back(self, account: str, what: str, seconds: float) -> None:
        """Tell all processes, those that listen and those that ask later, that there is no room for so long."""
        with self._postgres.writing(Durability.NORMAL) as connection:
            connection.execute(_HOLD_BACK, (account, what, float(seconds), channel_of(self._postgres.address.schema)))

    def tell_of_holds(self, heard: Callable[[str, str, float], None]) -> None:
        """Call `heard`, from another thread, with what any process tells by `hold_back`; `tell` listens for it."""
        self._holds_heard = heard

    def sorted_out(self, heard: Callable[[str], None]) -> Callable[[str], None]:
        """Give what hears a message of any process: of a task, or of a limit."""
        return partial(self._sort_out, heard)

    def _sort_out(self, heard: Callable[[str], None], message: str) -> None:
        if not message.startswith("{"):
            heard(message)
            return
        try:
            said = json.loads(message)
            hold = str(said["account"]), str(said["what"]), float(said["seconds"])
        except (ValueError, KeyError, TypeError) as error:  # of a later version
            log.debug("a message of another process is not understood: %s: %s", message[:100], error)
            return
        if self._holds_heard is not None:
            self._holds_heard(*hold)
