// Fetching and saving around a receipt: a new one, or the draft of a case that is being changed.
import { reactive, ref, watch } from 'vue'
import { createCase, getCase, updateDraft } from '../api/cases'
import { getMatter } from '../api/catalogue'
import { Problem, problemOf } from '../api/problem'
import type { CaseView, MatterGuide, Post } from '../api/types'
import { messages } from '../messages/zh-CN'
import { dropKeptInput, keptInput } from '../state/kept-input'
import { freshIntake, toNewCase, type Intake } from './intake'

/** What is typed at one post does not fit another one's place. */
const newKey = (post: Post) => `intake new ${post.tenant_id} ${post.id}`
const draftKey = (caseId: string) => `intake draft ${caseId}`

export function useIntake(post: Post, caseId: string | undefined) {
  const key = caseId ? draftKey(caseId) : newKey(post)
  const intake = ref<Intake>(keptInput(key, () => reactive(freshIntake(post))))
  const guide = ref<MatterGuide | null>(null)
  const problem = ref<Problem | null>(null)
  const saving = ref(false)
  const ready = ref(false)
  let version = 0

  const place = () => intake.value.divisionId ?? post.tenant_id

  async function open(): Promise<void> {
    problem.value = null
    try {
      if (caseId) await openDraft(caseId)
      if (intake.value.basicCode) guide.value = await getMatter(intake.value.basicCode, place(), intake.value.situations)
      ready.value = true
    } catch (error) {
      problem.value = problemOf(error)
    }
  }

  async function openDraft(id: string): Promise<void> {
    const view = await getCase(id)
    version = view.version
    // What was typed in this tab and not yet saved goes before what is stored.
    if (!intake.value.basicCode) Object.assign(intake.value, fromDraft(view))
  }

  async function chooseMatter(basicCode: string): Promise<void> {
    problem.value = null
    try {
      const next = await getMatter(basicCode, place(), [])
      const kinds = next.matter.applicant_kinds
      Object.assign(intake.value, { basicCode, situations: [], form: {} })
      if (!kinds.includes(intake.value.kind)) intake.value.kind = kinds[0] ?? 'person'
      guide.value = next
    } catch (error) {
      problem.value = problemOf(error)
    }
  }

  /** The way depends on where the applicant belongs and on the situation: fetched anew when either is chosen. */
  watch(
    () => [intake.value.divisionId, ...intake.value.situations],
    async () => {
      if (!guide.value) return
      const wanted = intake.value.basicCode
      try {
        const next = await getMatter(wanted, place(), intake.value.situations)
        if (intake.value.basicCode === wanted) guide.value = next
      } catch {
        // The way shown may be the old one; saving tells what is wrong.
      }
    },
  )

  function dropMatter(): void {
    Object.assign(intake.value, { basicCode: '', situations: [], form: {} })
    guide.value = null
  }

  async function save(): Promise<CaseView | null> {
    if (!guide.value || saving.value) return null
    saving.value = true
    problem.value = null
    try {
      const input = toNewCase(guide.value.matter, intake.value)
      const view = caseId ? await updateDraft(caseId, version, input) : await createCase(input, intake.value.key)
      // Saved is saved: the next receipt starts empty, and changing this one starts from what the service has.
      dropKeptInput(key)
      return view
    } catch (error) {
      problem.value = problemOf(error)
      if (caseId && problem.value.stale) version = (await getCase(caseId)).version
      return null
    } finally {
      saving.value = false
    }
  }

  return { intake, guide, problem, saving, ready, open, chooseMatter, dropMatter, save }
}

function fromDraft(view: CaseView): Partial<Intake> {
  const draft = view.draft
  if (!draft) throw new Problem(404, 'not_found', messages.case.notFound)
  return {
    basicCode: view.matter.basic_code,
    situations: view.situations.map((situation) => situation.code),
    kind: draft.applicant.kind,
    name: draft.applicant.name,
    identityNumber: draft.applicant.identity_number,
    telephone: draft.applicant.telephone,
    email: draft.applicant.email,
    address: draft.applicant.address,
    divisionId: draft.applicant.division_id,
    members: draft.members.map((member) => ({ ...member })),
    form: { ...draft.form },
    byProxy: draft.by_proxy,
    proxyBasis: draft.proxy_basis,
  }
}
