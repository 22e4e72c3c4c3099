// What is typed while receiving, what of it the matter asks for, and what is still wrong with it.
import { newIdempotencyKey } from '../api/idempotency'
import type { ApplicantKind, Matter, MatterField, MatterMaterial, Member, NewCase, Post } from '../api/types'
import { messages } from '../messages/zh-CN'
import { creditCodeError, identityNumberError, telephoneError } from './identity-number'

export interface Intake {
  /** One receipt, one key: pressing twice or trying again over a poor line makes one case. */
  key: string
  basicCode: string
  situations: string[]
  kind: ApplicantKind
  name: string
  identityNumber: string
  telephone: string
  email: string
  address: string
  divisionId: number | null
  members: Member[]
  form: Record<string, string>
  byProxy: boolean
  proxyBasis: string
}

export interface IntakeError {
  /** Id of the control. */
  target: string
  message: string
}

const VILLAGE_LEVEL = 6

/** An agent or a village head sits before the applicant without being the organ. */
export const isVillagePost = (post: Post) => post.tenant_level === VILLAGE_LEVEL

export function freshIntake(post: Post): Intake {
  const inVillage = isVillagePost(post)
  return {
    key: newIdempotencyKey(),
    basicCode: '',
    situations: [],
    kind: 'person',
    name: '',
    identityNumber: '',
    telephone: '',
    email: '',
    address: '',
    divisionId: inVillage ? post.tenant_id : null,
    members: [],
    form: {},
    byProxy: inVillage,
    proxyBasis: inVillage ? messages.intake.proxyDefault : '',
  }
}

const applies = (when: string[], chosen: string[]) => when.length === 0 || when.some((code) => chosen.includes(code))

export function fieldsAsked(matter: Matter, intake: Intake): MatterField[] {
  return matter.fields.filter((field) => applies(field.when, intake.situations))
}

export function materialsToBring(matter: Matter, intake: Intake): MatterMaterial[] {
  return matter.materials.filter(
    (material) =>
      material.necessity !== 'internal' &&
      applies(material.when, intake.situations) &&
      (!material.by_proxy || intake.byProxy),
  )
}

export function takesMembers(intake: Intake): boolean {
  return intake.kind === 'household'
}

export function intakeErrors(matter: Matter | null, intake: Intake): IntakeError[] {
  const missing = messages.intake.missing
  if (!matter) return [{ target: 'matter-search', message: missing.matter }]
  const errors: (IntakeError | null)[] = []
  const need = (target: string, ok: unknown, message: string) => {
    errors.push(ok ? null : { target, message })
  }
  const check = (target: string, text: string, none: string, wrong: (text: string) => string | null) => {
    const message = text.trim() ? wrong(text) : none
    errors.push(message ? { target, message } : null)
  }
  need('situations', matter.situations.length === 0 || intake.situations.length > 0, missing.situations)
  need('applicant-name', intake.name.trim(), missing.name)
  check('applicant-identity', intake.identityNumber, missing.identity, intake.kind === 'organization' ? creditCodeError : identityNumberError)
  check('applicant-telephone', intake.telephone, missing.telephone, telephoneError)
  need('applicant-division', intake.divisionId, missing.division)
  if (takesMembers(intake)) {
    intake.members.forEach((member, index) => {
      need(`member-${index}-name`, member.name.trim(), missing.memberName(index + 1))
      check(`member-${index}-identity`, member.identity_number, missing.identity, identityNumberError)
    })
  }
  for (const field of fieldsAsked(matter, intake)) {
    need(`form-${field.code}`, !field.required || intake.form[field.code]?.trim(), missing.field(field.label))
  }
  need('proxy-basis', !intake.byProxy || intake.proxyBasis.trim(), missing.proxyBasis)
  return errors.filter((error): error is IntakeError => error !== null)
}

/** Where the service names a field by its path on the wire, the control that it means. */
const CONTROL_OF: Record<string, string> = {
  basic_code: 'matter-search',
  situations: 'situations',
  'applicant.name': 'applicant-name',
  'applicant.identity_number': 'applicant-identity',
  'applicant.telephone': 'applicant-telephone',
  'applicant.email': 'applicant-email',
  'applicant.address': 'applicant-address',
  'applicant.division_id': 'applicant-division',
  proxy_basis: 'proxy-basis',
}

export function controlOf(field: string): string {
  const member = /^members[.[](\d+)\]?\.(name|identity_number|relation)$/.exec(field)
  if (member) return `member-${member[1]}-${member[2] === 'identity_number' ? 'identity' : member[2]}`
  return CONTROL_OF[field] ?? field.replace(/^form\./, 'form-')
}

export function toNewCase(matter: Matter, intake: Intake): NewCase {
  const asked = fieldsAsked(matter, intake)
  return {
    basic_code: matter.basic_code,
    situations: intake.situations,
    applicant: {
      kind: intake.kind,
      name: intake.name.trim(),
      identity_number: intake.identityNumber.trim().toUpperCase(),
      telephone: intake.telephone.trim(),
      email: intake.email.trim(),
      address: intake.address.trim(),
      division_id: intake.divisionId ?? 0,
    },
    members: takesMembers(intake)
      ? intake.members.map((member) => ({ ...member, name: member.name.trim(), identity_number: member.identity_number.trim().toUpperCase() }))
      : [],
    // Answers to questions that the chosen situation does not ask stay here.
    form: Object.fromEntries(asked.map((field) => [field.code, intake.form[field.code] ?? '']).filter(([, value]) => value)),
    by_proxy: intake.byProxy,
    proxy_basis: intake.byProxy ? intake.proxyBasis.trim() : '',
  }
}
