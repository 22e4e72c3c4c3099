// One open case: fetching it, acting on it, and what happens when somebody else was faster.
import { ref } from 'vue'
import { act, getCase } from '../api/cases'
import { problemOf, type Problem } from '../api/problem'
import type { ActionInput, ActionName, CaseView } from '../api/types'
import { messages } from '../messages/zh-CN'
import { dropKeptInput } from '../state/kept-input'
import { refreshCounts } from '../state/work-counts'
import { actionInputKey } from './action-input'

export interface Issued {
  caseNo: string
  secret: string
}

export function useCase(id: string) {
  const view = ref<CaseView | null>(null)
  const loadProblem = ref<Problem | null>(null)
  const actProblem = ref<Problem | null>(null)
  const notice = ref('')
  const acting = ref<ActionName | null>(null)
  /** Shown once, because the service tells the secret once. */
  const issued = ref<Issued | null>(null)

  async function load(): Promise<void> {
    loadProblem.value = null
    try {
      view.value = await getCase(id)
    } catch (error) {
      loadProblem.value = problemOf(error)
    }
  }

  /** Takes a newer view; every change of a case answers with one. */
  function take(next: CaseView): void {
    if (next.receipt_secret) issued.value = { caseNo: next.case_no ?? '', secret: next.receipt_secret }
    view.value = next
  }

  async function run(action: ActionName, input: Omit<ActionInput, 'version'>): Promise<boolean> {
    if (!view.value || acting.value) return false
    acting.value = action
    actProblem.value = null
    notice.value = ''
    try {
      take(await act(id, action, { ...input, version: view.value.version }))
      dropKeptInput(actionInputKey(id, action))
      notice.value = messages.case.saved
      void refreshCounts()
      return true
    } catch (error) {
      await refused(problemOf(error))
      return false
    } finally {
      acting.value = null
    }
  }

  /** A stale version is fetched anew; what was typed lives apart from the view and stays. */
  async function refused(problem: Problem): Promise<void> {
    if (!problem.stale) {
      actProblem.value = problem
      return
    }
    await load()
    notice.value = messages.error.stale
  }

  return { view, loadProblem, actProblem, notice, acting, issued, load, take, run, refused }
}
