// Fetching and saving around a receipt: a new one, or the draft of a case that is being changed.
import { reactive, ref } from 'vue'
import { createCase, getCase, unmask, updateDraft } from '../api/cases'
import { getMatter } from '../api/catalogue'
import { problemOf, type Problem } from '../api/problem'
import type { CaseView, MatterGuide, Post } from '../api/types'
import { messages } from '../messages/zh-CN'
import { dropKeptInput, keepInput, keptInput } from '../state/kept-input'
import { freshIntake, toNewCase, type Intake } from './intake'

const NEW_KEY = 'intake new'
const draftKey = (caseId: string) => `intake draft ${caseId}`

export function useIntake(post: Post, caseId: string | undefined) {
  const key = caseId ? draftKey(caseId) : NEW_KEY
  const intake = ref<Intake>(keptInput(key, () => reactive(freshIntake(post))))
  const guide = ref<MatterGuide | null>(null)
  const problem = ref<Problem | null>(null)
  const saving = ref(false)
  const ready = ref(false)
  let version = 0

  async function open(): Promise<void> {
    problem.value = null
    try {
      if (caseId) await openDraft(caseId)
      if (intake.value.basicCode) guide.value = await getMatter(intake.value.basicCode, post.tenant_id)
      ready.value = true
    } catch (error) {
      problem.value = problemOf(error)
    }
  }

  async function openDraft(id: string): Promise<void> {
    const view = await getCase(id)
    version = view.version
    // Typed in this tab: nothing has to be unmasked.
    if (intake.value.basicCode) return
    const full = await unmask(id, messages.intake.editTitle)
    Object.assign(intake.value, fromView(view), { name: full.name, identityNumber: full.identity_number, telephone: full.telephone })
  }

  async function chooseMatter(basicCode: string): Promise<void> {
    problem.value = null
    try {
      const next = await getMatter(basicCode, post.tenant_id)
      const kinds = next.matter.applicant_kinds
      Object.assign(intake.value, { basicCode, situations: [], form: {} })
      if (!kinds.includes(intake.value.kind)) intake.value.kind = kinds[0] ?? 'person'
      guide.value = next
    } catch (error) {
      problem.value = problemOf(error)
    }
  }

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
      // Kept for "改填写的内容" in this tab; the next receipt starts empty.
      keepInput(draftKey(view.id), intake.value)
      dropKeptInput(NEW_KEY)
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

function fromView(view: CaseView): Partial<Intake> {
  return {
    basicCode: view.matter.basic_code,
    situations: view.situations.map((situation) => situation.code),
    kind: view.applicant.kind,
    address: view.applicant.address,
    members: view.members.map((member) => ({ ...member })),
    form: Object.fromEntries(view.form.map((entry) => [entry.code, entry.value])),
    byProxy: view.agent !== null,
    proxyBasis: view.agent?.basis ?? '',
  }
}
