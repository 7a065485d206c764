"""What the schema keeps of the limits of accounts; who shares one may be lost, being of the last minute."""

from __future__ import annotations

from taskferry_postgres.tables import TEXT

SHARING = 15.0
"""Seconds after its last question for which a process counts as one that shares an account."""
_FORGOTTEN = 3600.0
"""Seconds after which a process that asks no more is left out of the table."""
_SLICE = 1.0
"""Seconds' worth of requests that all sharers of an account together have leased ahead, as each of them expects."""

LIMITS = (
    f"""
CREATE TABLE account_limits (
    account {TEXT} PRIMARY KEY, next_at double precision, looks_closed_until double precision,
    creates_closed_until double precision
) WITH (fillfactor = 50)""",
    f"""
CREATE UNLOGGED TABLE account_sharers (
    account {TEXT} NOT NULL, holder {TEXT} NOT NULL, asked_at double precision NOT NULL, PRIMARY KEY (account, holder)
) WITH (fillfactor = 50)""",
    f"""
CREATE FUNCTION lease_requests(
    whose text, who text, rate double precision, burst double precision, wanted bigint,
    OUT granted bigint, OUT starts_in double precision, OUT sharers bigint,
    OUT looks_closed double precision, OUT creates_closed double precision
) LANGUAGE plpgsql AS $$
DECLARE
    kept account_limits%ROWTYPE;
    moment double precision;
    first_at double precision;
BEGIN
    LOOP
        SELECT * INTO kept FROM account_limits WHERE account = whose FOR UPDATE;
        EXIT WHEN FOUND;
        INSERT INTO account_limits (account) VALUES (whose) ON CONFLICT DO NOTHING;
    END LOOP;
    moment := extract(epoch FROM clock_timestamp())::double precision;
    UPDATE account_sharers SET asked_at = moment WHERE account = whose AND holder = who;
    IF NOT FOUND THEN
        DELETE FROM account_sharers WHERE account = whose AND asked_at < moment - {_FORGOTTEN};
        INSERT INTO account_sharers (account, holder, asked_at) VALUES (whose, who, moment);
    END IF;
    SELECT count(*) INTO sharers FROM account_sharers WHERE account = whose AND asked_at > moment - {SHARING};
    first_at := greatest(coalesce(kept.next_at, moment), moment - (burst - 1) / rate);
    IF first_at > moment + 60 + 4 * sharers * greatest(1 / rate, {_SLICE}) THEN  -- the server's clock was set back
        first_at := moment;
    END IF;
    granted := greatest(1, least(wanted, floor(rate * {_SLICE} / sharers)::bigint));
    UPDATE account_limits SET next_at = first_at + granted / rate WHERE account = whose;
    starts_in := first_at - moment;
    looks_closed := greatest(coalesce(kept.looks_closed_until, moment) - moment, 0);
    creates_closed := greatest(coalesce(kept.creates_closed_until, moment) - moment, 0);
END $$
""",  # noqa: S608 -- numbers of this file
    """
CREATE FUNCTION hold_back(whose text, what text, seconds double precision, channel text)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    ends_at double precision := extract(epoch FROM clock_timestamp())::double precision + seconds;
BEGIN
    INSERT INTO account_limits AS kept (account, looks_closed_until, creates_closed_until)
    VALUES (whose, CASE what WHEN 'looks' THEN ends_at END, CASE what WHEN 'creates' THEN ends_at END)
    ON CONFLICT (account) DO UPDATE SET
        looks_closed_until = greatest(kept.looks_closed_until, excluded.looks_closed_until),
        creates_closed_until = greatest(kept.creates_closed_until, excluded.creates_closed_until);
    PERFORM pg_notify(channel, json_build_object('account', whose, 'what', what, 'seconds', seconds)::text);
END $$
""",
)
"""`next_at` is when the next request that nobody has leased may leave; an account begins without any saved up.

Times are epoch seconds of the server's clock.
"""
