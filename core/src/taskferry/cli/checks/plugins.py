"""Whether every plugin can be used."""

from __future__ import annotations

from collections.abc import Iterator

from taskferry.cli.checks.check import BROKEN, NOTE, Check
from taskferry.registry import OFF, OFF_SWITCH, Registry


def check_plugins(registry: Registry) -> Iterator[Check]:
    """Load every plugin's adapters; a broken one is a row."""
    registry.operations()  # an adapter that cannot be built adds its own row
    if not registry.rows:
        yield Check(name="plugins", state=NOTE, detail="none", mend="Install a provider's package.")
    for row in registry.rows:
        name = f"plugin {row.name}"
        made_by = " ".join(part for part in (row.distribution, row.version) if part)
        if row.problem is None:
            offers = f"offers {', '.join(row.providers)}" if row.providers else "offers no provider"
            yield Check(name=name, detail=f"{made_by}, {offers}")
        elif row.problem.startswith(OFF):
            mend = f"Take it out of {OFF_SWITCH}." if OFF_SWITCH in row.problem else ""
            yield Check(name=name, state=NOTE, detail=f"{made_by}: {row.problem}", mend=mend)
        else:
            mend = f"Upgrade or reinstall {row.distribution}, or leave it out: `taskferry plugin disable {row.name}`."
            yield Check(name=name, state=BROKEN, detail=f"{made_by}: {row.problem}", mend=mend)
