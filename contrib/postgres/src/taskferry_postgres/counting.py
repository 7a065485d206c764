"""Keeps the numbers of what tasks hold of the caps: once for each statement, however many tasks it is about."""

from __future__ import annotations

_HELD = ("day", "provider", "state", "unit", "reserved", "actual", "quantity", "quantity_unit", "seconds")
_TEXTS = ", ".join(f"to_json(one.{name})::text" for name in _HELD)
_ALIKE = f"('[' || array_to_string(ARRAY[{_TEXTS}], ',', 'null') || ']') AS alike"
"""What is alike in the eyes of a cap, as one text that begins with the day."""


def _counted(rows: str, by: int) -> str:
    return f"SELECT {_ALIKE}, {by} AS moved FROM {rows} AS one WHERE one.state <> 'released'"  # noqa: S608 -- names


def _function(name: str, *sources: str) -> str:
    """Make a trigger's function; rows are locked in one order, so that no two processes wait for each other."""
    return f"""
CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    gone text[];
BEGIN
    WITH counted AS (
        INSERT INTO held (alike, tasks)
        SELECT alike, sum(moved)::bigint FROM ({" UNION ALL ".join(sources)}) AS each
        GROUP BY alike HAVING sum(moved) <> 0 ORDER BY alike
        ON CONFLICT (alike) DO UPDATE SET tasks = held.tasks + excluded.tasks
        RETURNING alike, tasks
    )
    SELECT array_agg(alike) INTO gone FROM counted WHERE tasks = 0;
    IF gone IS NOT NULL THEN
        DELETE FROM held WHERE alike = ANY (gone) AND tasks = 0;
    END IF;
    RETURN NULL;
END $$
"""  # noqa: S608 -- names of this file


_NEW, _OLD = _counted("new_rows", 1), _counted("old_rows", -1)
_TRIGGERS = {
    "INSERT": ("spend_added", "NEW TABLE AS new_rows", (_NEW,)),
    "UPDATE": ("spend_changed", "OLD TABLE AS old_rows NEW TABLE AS new_rows", (_OLD, _NEW)),
    "DELETE": ("spend_removed", "OLD TABLE AS old_rows", (_OLD,)),
}

COUNTING = (
    "DROP TRIGGER spend_counted ON spend",
    "DROP TRIGGER spend_recounted ON spend",
    "DROP FUNCTION count_spend()",
    *(_function(name, *sources) for name, _, sources in _TRIGGERS.values()),
    *(
        f"CREATE TRIGGER {name} AFTER {event} ON spend REFERENCING {tables} FOR EACH STATEMENT"
        f" EXECUTE FUNCTION {name}()"
        for event, (name, tables, _) in _TRIGGERS.items()
    ),
    "CREATE INDEX tasks_by_parameters ON tasks USING hash (parameters)",
    "ALTER TABLE tasks SET (fillfactor = 60)",
    "ALTER TABLE replies SET (fillfactor = 60)",
    "ALTER TABLE held SET (fillfactor = 20)",
)
"""The index is for the question whether the same job was asked for already, whoever asks how often for how many others;
the rest leaves room in which rows are changed without new entries in every index."""
