-- Row-level security, forced, and the grants of each scope. Re-applied after every migration; safe to run again.
-- The scope is set by SET LOCAL (platform::db); after a local set the setting falls back to '', not NULL, hence nullif.

revoke all on schema public from public;
-- The login role may name the tables and touch none: so a forgotten scope is "permission denied", not a table that does not exist.
grant usage on schema public to zt_login, zt_tenant, zt_subtree, zt_citizen, zt_work, zt_platform;

do $$
declare
  t text;
  tenant_tables   constant text[] := array['post', 'case_counter', 'case_file', 'case_event', 'case_material', 'audit_entry',
                                           'idempotency_key', 'job', 'outbox', 'inbox', 'exchange_cursor'];
  queue_tables    constant text[] := array['job', 'outbox'];
  citizen_tables  constant text[] := array['citizen', 'citizen_case', 'citizen_access'];
  published       constant text[] := array['tenant', 'department', 'directory_matter', 'offering', 'delegation', 'policy_version'];
  platform_tables constant text[] := array['account', 'account_post'];
begin
  foreach t in array tenant_tables || citizen_tables || published || platform_tables loop
    execute format('revoke all on %I from zt_tenant, zt_subtree, zt_citizen, zt_work, zt_platform', t);
  end loop;

  foreach t in array tenant_tables loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('drop policy if exists of_tenant on %I', t);
    execute format($p$create policy of_tenant on %I to zt_tenant
      using (tenant_id = nullif(current_setting('app.tenant', true), '')::bigint)
      with check (tenant_id = nullif(current_setting('app.tenant', true), '')::bigint)$p$, t);
    execute format('drop policy if exists of_subtree on %I', t);
    execute format($p$create policy of_subtree on %I for select to zt_subtree
      using (tenant_id between nullif(current_setting('app.subtree_first', true), '')::bigint
                           and nullif(current_setting('app.subtree_last', true), '')::bigint)$p$, t);
    -- Forced security binds the owner too; without a policy of its own its updates would change nothing, in silence.
    execute format('drop policy if exists of_owner on %I', t);
    execute format('create policy of_owner on %I to zt_owner using (true) with check (true)', t);
    execute format('grant select, insert, update, delete on %I to zt_tenant', t);
    execute format('grant select on %I to zt_subtree', t);
  end loop;

  foreach t in array queue_tables loop
    execute format('drop policy if exists of_work on %I', t);
    execute format('create policy of_work on %I to zt_work using (true) with check (true)', t);
    execute format('grant select, delete on %I to zt_work', t);
  end loop;
  -- A worker leases and settles; whose a row is and what it says are not the worker's to change.
  grant update (run_at, tries, state, last_error) on job to zt_work;
  grant update (next_try_at, tries, state, last_error) on outbox to zt_work;

  foreach t in array citizen_tables loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('drop policy if exists of_citizen on %I', t);
    execute format($p$create policy of_citizen on %I to zt_citizen
      using (citizen_id = nullif(current_setting('app.citizen', true), '')::uuid)
      with check (citizen_id = nullif(current_setting('app.citizen', true), '')::uuid)$p$, t);
    execute format('drop policy if exists of_owner on %I', t);
    execute format('create policy of_owner on %I to zt_owner using (true) with check (true)', t);
    execute format('grant select, insert, update on %I to zt_citizen', t);
  end loop;

  foreach t in array published loop
    execute format('grant select on %I to zt_tenant, zt_subtree, zt_citizen, zt_work', t);
    execute format('grant select, insert, update, delete on %I to zt_platform', t);
  end loop;

  foreach t in array platform_tables loop
    execute format('grant select, insert, update, delete on %I to zt_platform', t);
  end loop;
end $$;

-- What was recorded stays as it was recorded: no scope may change or remove an event or an audit entry.
revoke update, delete on case_event, audit_entry from zt_tenant;
-- The subtree scope is for supervision and statistics; it needs no sealed data and no queues.
revoke select on idempotency_key, job, outbox, inbox, exchange_cursor, case_counter from zt_subtree;
