"""Many workers on one ledger in PostgreSQL: struck, stopped, drained and measured."""
