-- Makes the site's two roles and its database. PostgreSQL's image runs this once, on an empty volume. The site
-- must not connect as the superuser, whom the walls between companies do not hold back (docs/security.md).
\getenv owner DB_OWNER_USER
\getenv owner_password DB_OWNER_PASSWORD
\getenv site DB_USER
\getenv site_password DB_PASSWORD
\getenv database DB_NAME
CREATE ROLE :"owner" LOGIN CREATEDB PASSWORD :'owner_password';
CREATE ROLE :"site" LOGIN PASSWORD :'site_password';
CREATE DATABASE :"database" OWNER :"owner";
