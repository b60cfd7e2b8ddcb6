-- Limits for servers that stop inside a transaction. Run this file in the database of scim-seats:
--   psql --dbname=seats --file=postgresql.sql
-- The limits belong to the database, not to a session, so they also work behind PgBouncer.

-- A transaction that does nothing for this time is ended. Until then, its organization stays locked.
ALTER DATABASE seats SET idle_in_transaction_session_timeout = '10s';
-- A write that waits this long for the lock is answered with 503. This limit must be shorter than the limit
-- above. Otherwise, waiting transactions of the stopped server would get the lock one after another.
ALTER DATABASE seats SET lock_timeout = '5s';
