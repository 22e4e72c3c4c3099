-- The first house. Three classes of table (docs/ARCHITECTURE.md, "Data"); the class of each is named in platform::db::classes and checked by a test.

-- Platform: accounts, register of tenants, published directory, delegations, policy versions. ------------------------------------------------

create table tenant (
  id           bigint   primary key check (id between 100000000000 and 999999999999),
  level        smallint not null check (level between 2 and 6),
  parent_id    bigint   references tenant (id),
  name         text     not null,
  short_name   text     not null,
  state        text     not null check (state in ('pilot', 'live', 'suspended', 'succeeded')),
  version      bigint   not null default 1
);
create index tenant_parent on tenant (parent_id, id);

create table department (
  tenant_id    bigint   not null references tenant (id),
  code         text     not null,
  name         text     not null,
  short_name   text     not null,
  primary key (tenant_id, code)
);

create table directory_matter (
  basic_code   text     not null check (basic_code ~ '^[0-9A-Za-z]{12}$'),
  version      integer  not null check (version > 0),
  province_id  bigint   not null references tenant (id),
  definition   jsonb    not null,
  published_at timestamptz not null,
  primary key (basic_code, version)
);

create table offering (
  tenant_id    bigint   not null references tenant (id),
  basic_code   text     not null,
  version      integer  not null,
  state        text     not null check (state in ('offered', 'suspended')),
  primary key (tenant_id, basic_code),
  foreign key (basic_code, version) references directory_matter (basic_code, version)
);

create table delegation (
  id            bigint  generated always as identity primary key,
  delegator_id  bigint  not null references tenant (id),
  delegate_id   bigint  not null references tenant (id),
  basic_code    text    not null,
  powers        text[]  not null check (cardinality(powers) > 0),
  kind          text    not null check (kind in ('entrustment', 'devolution', 'collect_on_behalf', 'authorization_letter')),
  legal_basis   text    not null,
  published_text text   not null,
  valid_from    timestamptz not null,
  valid_until   timestamptz not null check (valid_until > valid_from),
  state         text    not null check (state in ('in_force', 'suspended', 'revoked')),
  unique (delegator_id, delegate_id, basic_code, kind, valid_from)
);
create index delegation_delegate on delegation (delegate_id);

create table account (
  id            bigint  generated always as identity primary key,
  login_name    text    not null unique,
  display_name  text    not null,
  password_hash text    not null,
  state         text    not null check (state in ('active', 'closed'))
);

create table account_post (
  account_id    bigint  not null references account (id),
  tenant_id     bigint  not null references tenant (id),
  post_id       bigint  not null,
  primary key (account_id, tenant_id, post_id)
);

-- The version that every cached enforcer of a tenant was built from; bumped in the transaction that changes a post or a delegation.
create table policy_version (
  tenant_id     bigint  primary key references tenant (id),
  version       bigint  not null
);

-- Tenant: tenant_id first, everywhere. --------------------------------------------------------------------------------------------------------

create table post (
  tenant_id       bigint not null,
  id              bigint not null,
  account_id      bigint not null,
  holder_name     text   not null,
  department_code text   not null,
  role            text   not null,
  title           text   not null,
  state           text   not null check (state in ('active', 'closed')),
  primary key (tenant_id, id)
);

create table case_counter (
  tenant_id  bigint  not null,
  year       integer not null,
  last_used  integer not null check (last_used between 1 and 99999),
  primary key (tenant_id, year)
);

create table case_file (
  tenant_id        bigint      not null,
  case_id          uuid        not null,
  case_no          text,
  origin_tenant_id bigint      not null,
  basic_code       text        not null,
  matter_version   integer     not null,
  channel          text        not null check (channel in ('village', 'window', 'online')),
  state            text        not null check (state in ('draft', 'received', 'accepted', 'correcting', 'decided', 'completed', 'not_accepted', 'returned', 'withdrawn')),
  outcome          text        check (outcome in ('granted', 'refused', 'not_accepted', 'returned', 'withdrawn')),
  custody          text        not null check (custody in ('held', 'in_transit', 'away', 'closed')),
  epoch            integer     not null check (epoch >= 0),
  step_index       integer     not null,
  department_code  text        not null,
  applicant_masked text        not null,
  applicant_index  bytea       not null,
  citizen_id       uuid        not null,
  sealed           bytea       not null,
  secret_index     bytea,
  bucket           text        not null,
  sort_at          timestamptz not null,
  step_due_at      timestamptz,
  promise_due_at   timestamptz,
  filed_at         timestamptz,
  body             jsonb       not null,
  chain_head       bytea       not null,
  event_count      integer     not null,
  version          integer     not null,
  created_at       timestamptz not null,
  primary key (tenant_id, case_id),
  foreign key (basic_code, matter_version) references directory_matter (basic_code, version)
);
create unique index case_file_number on case_file (tenant_id, case_no) where case_no is not null;
create index case_file_bucket on case_file (tenant_id, bucket, department_code, sort_at, case_id);
create index case_file_applicant on case_file (tenant_id, applicant_index);

-- What a case went through, in the order of its version; `canonical` are the very bytes that were hashed.
create table case_event (
  tenant_id  bigint      not null,
  case_id    uuid        not null,
  seq        integer     not null check (seq > 0),
  at         timestamptz not null,
  kind       text        not null,
  canonical  bytea       not null,
  salts      jsonb       not null,
  hash       bytea       not null check (octet_length(hash) = 32),
  primary key (tenant_id, case_id, seq),
  foreign key (tenant_id, case_id) references case_file (tenant_id, case_id)
);

create table case_material (
  tenant_id     bigint      not null,
  case_id       uuid        not null,
  material_code text        not null,
  version_no    integer     not null check (version_no > 0),
  file_name     text        not null,
  media_type    text        not null,
  size_bytes    bigint      not null check (size_bytes > 0),
  pages         integer     not null check (pages > 0),
  sha256        text        not null check (sha256 ~ '^[0-9a-f]{64}$'),
  original_seen boolean     not null,
  added_by      text        not null,
  added_in      bigint      not null,
  added_at      timestamptz not null,
  primary key (tenant_id, case_id, material_code, version_no),
  foreign key (tenant_id, case_id) references case_file (tenant_id, case_id)
);

create table audit_entry (
  tenant_id  bigint      not null,
  id         uuid        not null,
  at         timestamptz not null,
  actor      text        not null,
  action     text        not null,
  object     text        not null,
  outcome    text        not null,
  basis      text        not null,
  primary key (tenant_id, id)
);

create table idempotency_key (
  tenant_id    bigint      not null,
  key_hash     bytea       not null,
  request_hash bytea       not null,
  case_id      uuid        not null,
  created_at   timestamptz not null,
  primary key (tenant_id, key_hash)
);

-- Queues: tenant tables too, written in the tenant's own transaction; they alone have a second index, in order of time, for the worker.

create table job (
  tenant_id  bigint      not null,
  id         uuid        not null,
  kind       text        not null,
  payload    jsonb       not null,
  run_at     timestamptz not null,
  tries      integer     not null default 0,
  state      text        not null default 'waiting' check (state in ('waiting', 'failed')),
  last_error text,
  primary key (tenant_id, id)
);
create index job_due on job (run_at) where state = 'waiting';

create table outbox (
  tenant_id   bigint      not null,
  id          uuid        not null,
  receiver_id bigint      not null,
  case_id     uuid        not null,
  seq         integer     not null check (seq > 0),
  kind        text        not null,
  payload     bytea       not null,
  created_at  timestamptz not null,
  next_try_at timestamptz not null,
  tries       integer     not null default 0,
  state       text        not null default 'waiting' check (state in ('waiting', 'delivered', 'set_aside')),
  last_error  text,
  primary key (tenant_id, id),
  unique (tenant_id, receiver_id, case_id, seq)
);
create index outbox_due on outbox (next_try_at) where state = 'waiting';

create table inbox (
  tenant_id   bigint      not null,
  id          uuid        not null,
  sender_id   bigint      not null,
  case_id     uuid        not null,
  seq         integer     not null,
  kind        text        not null,
  payload     bytea       not null,
  received_at timestamptz not null,
  state       text        not null check (state in ('early', 'applied')),
  primary key (tenant_id, id),
  unique (tenant_id, sender_id, case_id, seq)
);

-- Per conversation (this tenant, that tenant, one case): the last number sent and the last one applied.
create table exchange_cursor (
  tenant_id bigint  not null,
  peer_id   bigint  not null,
  case_id   uuid    not null,
  sent      integer not null,
  applied   integer not null,
  primary key (tenant_id, peer_id, case_id)
);

-- Citizen: citizen_id first. ------------------------------------------------------------------------------------------------------------------

create table citizen (
  citizen_id   uuid        not null primary key,
  sealed       bytea       not null,
  created_at   timestamptz not null,
  last_seen_at timestamptz not null
);

create table citizen_case (
  citizen_id       uuid        not null,
  case_id          uuid        not null,
  origin_tenant_id bigint      not null,
  case_no          text,
  matter_name      text        not null,
  view             jsonb       not null,
  news_epoch       integer     not null,
  news_version     integer     not null,
  updated_at       timestamptz not null,
  primary key (citizen_id, case_id)
);

create table citizen_access (
  citizen_id uuid        not null,
  id         uuid        not null,
  at         timestamptz not null,
  case_id    uuid        not null,
  who        text        not null,
  what       text        not null,
  primary key (citizen_id, id)
);
