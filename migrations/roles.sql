-- Roles of the cluster. Made once by the bootstrap step with a superuser (or a role with CREATEROLE), never by a migration:
-- roles belong to the cluster, not to one database. `{owner_password}` and `{login_password}` are filled in by the bootstrap.
do $$
declare scope text;
begin
  if not exists (select from pg_roles where rolname = 'zt_owner') then create role zt_owner login; end if;
  -- NOINHERIT: with INHERIT, a statement without a scope would silently see nothing or too much instead of being refused.
  if not exists (select from pg_roles where rolname = 'zt_login') then create role zt_login login noinherit; end if;
  foreach scope in array array['zt_tenant', 'zt_subtree', 'zt_citizen', 'zt_work', 'zt_platform'] loop
    if not exists (select from pg_roles where rolname = scope) then execute format('create role %I nologin', scope); end if;
    execute format('grant %I to zt_login', scope);
  end loop;
end $$;
alter role zt_owner password '{owner_password}';
alter role zt_login password '{login_password}';
