-- The role and the database for Dorf-App on PostgreSQL 15 or newer. Once, as a superuser:
--
--     psql --no-psqlrc --file postgresql.sql
--
-- The role has no password here, so that none stands in a file or a process list. Either let the server connect over
-- the local socket as the system user `dorf` (peer authentication), or set one now:  \password dorf
--
-- The role owns the database and its tables, because the server migrates them itself. Row-level security still binds it:
-- every tenant table is set to FORCE ROW LEVEL SECURITY, and NOSUPERUSER NOBYPASSRLS leaves no way round a policy.
--
-- Dump and restore with another role (a superuser, or one with BYPASSRLS): to this one pg_dump refuses the tenant tables.

\set ON_ERROR_STOP on

CREATE ROLE dorf LOGIN
    NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION;

-- C.UTF-8 sorts by code point: the same order as on SQLite, and no index breaks when the system's locales change.
CREATE DATABASE dorf
    OWNER dorf TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8';

REVOKE ALL ON DATABASE dorf FROM PUBLIC;

\connect dorf

REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO dorf;

ALTER ROLE dorf IN DATABASE dorf SET timezone TO 'UTC';
ALTER ROLE dorf IN DATABASE dorf SET search_path TO public;

-- Must print one row: dorf, and f in every column after it.
SELECT rolname, rolsuper, rolbypassrls, rolcreatedb, rolcreaterole, rolreplication
FROM pg_roles
WHERE rolname = 'dorf';
