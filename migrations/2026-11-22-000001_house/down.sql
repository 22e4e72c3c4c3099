drop table citizen_access, citizen_case, citizen, exchange_cursor, inbox, outbox, job, idempotency_key, audit_entry, case_material, case_event,
  case_file, case_counter, post, policy_version, account_post, account, delegation, offering, directory_matter, department, tenant;
