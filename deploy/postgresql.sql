-- Limits for a server that freezes or vanishes in the middle of its work, in the database of scim-seats:
--   psql --dbname=seats --file=postgresql.sql
-- They belong to the database and need no state of a session, so they hold behind PgBouncer too.

-- A transaction that does nothing for so long is ended; until then it holds the lock of its organization.
ALTER DATABASE seats SET idle_in_transaction_session_timeout = '10s';
-- A write that waits so long for that lock is answered 503. Shorter than the limit above: otherwise the lock
-- would go from one transaction of the vanished server to the next.
ALTER DATABASE seats SET lock_timeout = '5s';
