-- The database and its two users: hege_owner owns the tables and brings them up to date, the site runs as hege_site and can
-- neither change history nor switch its guards off. Run as PostgreSQL's administrator, as often as you like:
--
--   runuser -u postgres -- psql -f roles.sql
--   runuser -u postgres -- psql -c '\password hege_owner' -c '\password hege_site'
--
-- Other names: psql -v database=… -v owner=… -v site=… -f roles.sql. A database that one user has owned so far keeps all it
-- holds: its tables go over to the owner. Afterwards `hege migrate` as the owner gives the site what it needs of each table.

\set ON_ERROR_STOP on
\if :{?database}
\else
  \set database hege
\endif
\if :{?owner}
\else
  \set owner hege_owner
\endif
\if :{?site}
\else
  \set site hege_site
\endif

-- The owner may make databases: a copy is tried in one of its own (hege backup --drill).
SELECT format('CREATE ROLE %I LOGIN', name) FROM unnest(ARRAY[:'owner', :'site']) AS name
  WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec
ALTER ROLE :"owner" CREATEDB NOCREATEROLE NOSUPERUSER;
ALTER ROLE :"site" NOCREATEDB NOCREATEROLE NOSUPERUSER;

SELECT format('CREATE DATABASE %I OWNER %I TEMPLATE template0 ENCODING %L LC_COLLATE %L LC_CTYPE %L',
    :'database', :'owner', 'UTF8', 'C.UTF-8', 'C.UTF-8')
  WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'database') \gexec
ALTER DATABASE :"database" OWNER TO :"owner";
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"database" TO :"site";

\connect :"database"
ALTER SCHEMA public OWNER TO :"owner";
REVOKE ALL ON SCHEMA public FROM PUBLIC, :"site";
GRANT USAGE ON SCHEMA public TO :"site";

-- What one user has owned so far; sequences go with their tables.
SELECT format('ALTER TABLE public.%I OWNER TO %I', tablename, :'owner')
  FROM pg_tables WHERE schemaname = 'public' AND tableowner <> :'owner' \gexec
SELECT format('ALTER ROUTINE %s OWNER TO %I', p.oid::regprocedure, :'owner')
  FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace AND pg_get_userbyid(p.proowner) <> :'owner'
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e') \gexec

-- Without these every table that an upgrade makes, and every restored copy, would lock the site out.
ALTER DEFAULT PRIVILEGES FOR ROLE :"owner" IN SCHEMA public GRANT SELECT, INSERT ON TABLES TO :"site";
ALTER DEFAULT PRIVILEGES FOR ROLE :"owner" IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO :"site";
