// The shapes of the JSON interface, written by hand until they are generated from the OpenAPI document.
// Names are those of the wire, so that a generated file can take this one's place without a change elsewhere.

export type RelayDirection = 'start' | 'up' | 'flat' | 'down'
export type RelayState = 'done' | 'now' | 'coming' | 'next' | 'route'

export interface RelayStop {
  name: string
  short: string
  /** 0 applicant, 1 village, 2 town, 3 county. */
  level: number
  direction: RelayDirection
  state: RelayState
  under: string | null
  late: string | null
  paused: boolean
  asked: string | null
  end: boolean
}

export interface Relay {
  stops: RelayStop[]
  closed: boolean
  text: string
  label: string
}

export type LightLevel = 'none' | 'fine' | 'near' | 'late' | 'paused' | 'done'

export interface Light {
  level: LightLevel
  /** 0 to 1, the share of the limit that is spent. */
  spent_share: number
  words: string
  due_on: string | null
  due_words: string | null
}

export type Role = 'agent' | 'village_head' | 'window_clerk' | 'reviewer' | 'decider' | 'admin' | 'supervisor'

/** Its id counts within the tenant; only both together name a post. */
export interface Post {
  id: number
  title: string
  role: Role
  tenant_id: number
  tenant_name: string
  /** 2 province, 3 city, 4 county, 5 town, 6 village. */
  tenant_level: number
  department_code: string
  department_name: string
}

export interface Me {
  account_id: number
  name: string
  login_name: string
  post: Post
  posts: Post[]
  csrf_token: string
  /** Entries of the navigation that this post may use: `desk`, `receive`. */
  nav: string[]
  now: string
}

export interface Place {
  id: number
  name: string
  short_name: string
  level: number
  level_name: string
}

export type ApplicantKind = 'person' | 'household' | 'organization'
export type ProjectType = 'promised' | 'instant'
export type Necessity = 'required' | 'conditional' | 'tolerant' | 'internal'

/** Where a case may be started by staff. */
export type Origin = 'village' | 'window'

export interface MatterRow {
  basic_code: string
  name: string
  short_name: string
  summary: string
  promised_words: string
  project_type: ProjectType
  route: Relay
  status: 'active' | 'suspended'
}

export interface MatterSituation {
  code: string
  title: string
  hint: string | null
  note: string | null
}

export interface MatterField {
  code: string
  label: string
  kind: 'text' | 'number' | 'money' | 'date' | 'choice' | 'telephone'
  choices: string[]
  required: boolean
  hint: string | null
  when: string[]
}

export interface MatterMaterial {
  code: string
  name: string
  necessity: Necessity
  original: number
  copy: number
  source: string
  source_text: string
  when: string[]
  by_proxy: boolean
}

/** Only what the console reads of the catalogue entry; the answer carries more. */
export interface Matter {
  basic_code: string
  name: string
  short_name: string
  project_type: ProjectType
  status: 'active' | 'suspended'
  applicant_kinds: ApplicantKind[]
  summary: string
  proxy: { agent_may_file: boolean; text: string; basis: string | null }
  situation_choice: 'one' | 'many'
  situations: MatterSituation[]
  fields: MatterField[]
  materials: MatterMaterial[]
}

export interface MatterGuide {
  matter: Matter
  route: Relay
}

export interface BucketCount {
  total: number
  late: number
  near: number
}

export interface Bucket {
  code: string
  label: string
  hint: string
}

export interface CaseRow {
  id: string
  case_no: string | null
  matter_short_name: string
  situation_words: string
  applicant_name: string
  from_name: string
  relay: Relay
  holder_name: string
  holder_note: string
  light: Light
  step_due_words: string | null
  next_action: { action: string; label: string } | null
  next_words: string
  version: number
  state: string
  state_label: string
}

export interface CaseList {
  bucket: string
  items: CaseRow[]
  next_cursor: string | null
  counts: Record<string, BucketCount>
  buckets: Bucket[]
}

export interface Applicant {
  kind: ApplicantKind
  name: string
  identity_number: string
  telephone: string
  address: string
}

export interface Member {
  name: string
  identity_number: string
  relation: string
}

export interface MaterialFile {
  version_no: number
  file_name: string
  media_type: string
  size_bytes: number
  pages: number
  sha256: string
  added_at: string
  added_words: string
  added_by: string
  original_seen: boolean
  url: string
}

export type MaterialStatus = 'received' | 'missing' | 'tolerated' | 'internal' | 'not_needed' | 'system_made'

export interface CaseMaterial {
  code: string
  name: string
  necessity: Necessity
  necessity_label: string
  note: string
  status: MaterialStatus
  files: MaterialFile[]
}

export interface TimelineStop {
  place: string
  level: number
  state: 'done' | 'now' | 'coming' | 'next'
  at_words: string | null
  detail: string
  due_words: string | null
}

export type ActionName =
  | 'file'
  | 'hand_on'
  | 'accept'
  | 'refuse_acceptance'
  | 'ask_correction'
  | 'supply_correction'
  | 'review'
  | 'decide'
  | 'decide_at_once'
  | 'deliver'
  | 'withdraw'
  | 'send_back'

export type ActionField = 'opinion' | 'reasons' | 'outcome' | 'items' | 'result_number' | 'note'

export interface CaseAction {
  action: ActionName
  label: string
  primary: boolean
  allowed: boolean
  why: string | null
  way_out: string | null
  basis: string[]
  fields: ActionField[]
}

export interface CorrectionItem {
  material_code: string
  message: string
}

/** What an officer can choose; a case may also end as not accepted, returned or withdrawn. */
export type Outcome = 'granted' | 'refused'

export interface CaseView {
  id: string
  case_no: string | null
  version: number
  state: string
  state_label: string
  outcome: string | null
  outcome_label: string | null
  bucket: string
  custody: 'held' | 'in_transit' | 'away' | 'closed'
  matter: { basic_code: string; name: string; short_name: string; project_type: ProjectType }
  situations: { code: string; title: string }[]
  applicant: Applicant
  members: Member[]
  form: { code: string; label: string; value: string; raw: string }[]
  agent: { name: string; basis: string } | null
  origin: { tenant_id: number; name: string }
  materials: CaseMaterial[]
  step: { code: string; name: string; kind: string; department_name: string; opinion_label: string; budget_words: string } | null
  lights: { step: Light; whole: Light }
  relay: Relay
  timeline: TimelineStop[]
  actions: CaseAction[]
  correction: { notice_items: CorrectionItem[]; asked_at_words: string; supplied: boolean } | null
  decision: {
    outcome: string
    outcome_label: string
    opinion: string
    result_name: string
    result_number: string | null
    decided_at_words: string
    decided_by: string
    delegation: string | null
  } | null
  opinions: { step_name: string; holder: string; by: string; at_words: string; text: string }[]
  closing_reasons: string | null
  withdrawal_asked: string | null
  archived: boolean
  may_add_materials: boolean
  /** What its maker typed, unmasked; only on a draft. */
  draft?: Omit<NewCase, 'basic_code' | 'situations'>
  /** Only in the answer to filing. */
  receipt_secret?: string
}

export interface ActionInput {
  version: number
  opinion?: string
  reasons?: string
  outcome?: Outcome
  items?: CorrectionItem[]
  result_number?: string
  note?: string
}

export interface NewCase {
  basic_code: string
  situations: string[]
  applicant: Applicant & { email: string; division_id: number }
  members: Member[]
  form: Record<string, string>
  by_proxy: boolean
  proxy_basis: string
}

export interface CaseEvent {
  seq: number
  at: string
  kind: string
  label: string
  actor_name: string
  step: string
  detail: string
  hash: string
}

export interface Unmasked {
  name: string
  identity_number: string
  telephone: string
  address: string
  members: Member[]
  form: { code: string; label: string; value: string; raw: string }[]
}

/** RFC 9457, as the service answers every refusal. */
export interface ProblemDocument {
  type?: string
  title?: string
  status?: number
  detail?: string
  code?: string
  errors?: { field: string; message: string }[]
}
