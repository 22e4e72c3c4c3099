// What an officer types for one act, kept per case and act until it is sent.
import { reactive } from 'vue'
import type { ActionInput, CaseAction, Outcome } from '../api/types'
import { messages } from '../messages/zh-CN'
import { keptInput } from '../state/kept-input'

export interface TypedInput {
  opinion: string
  reasons: string
  outcome: Outcome | ''
  result_number: string
  note: string
  /** Message per material; a key that is present is ticked. */
  items: Record<string, string>
}

export const actionInputKey = (caseId: string, action: string) => `case ${caseId} ${action}`

export function typedInput(caseId: string, action: string): TypedInput {
  return keptInput(actionInputKey(caseId, action), () =>
    reactive<TypedInput>({ opinion: '', reasons: '', outcome: '', result_number: '', note: '', items: {} }),
  )
}

/** Only the fields that this act asks for, and of those only what was filled in. */
export function toActionInput(action: CaseAction, typed: TypedInput): Omit<ActionInput, 'version'> {
  const input: Omit<ActionInput, 'version'> = {}
  for (const field of action.fields) {
    // Reasons typed before the outcome was changed to granted are not sent with it.
    if (field === 'reasons' && action.fields.includes('outcome') && typed.outcome !== 'refused') continue
    if (field === 'items') {
      input.items = Object.entries(typed.items).map(([material_code, message]) => ({ material_code, message: message.trim() }))
    } else if (field === 'outcome') {
      if (typed.outcome) input.outcome = typed.outcome
    } else if (typed[field].trim()) {
      input[field] = typed[field].trim()
    }
  }
  return input
}

export interface InputError {
  field: string
  message: string
}

/** Only what can never be right; the rest is the service's to judge. */
export function inputErrors(action: CaseAction, typed: TypedInput): InputError[] {
  const errors: InputError[] = []
  const asks = (field: CaseAction['fields'][number]) => action.fields.includes(field)
  if (asks('outcome') && !typed.outcome) errors.push({ field: 'outcome', message: messages.action.outcomeMissing })
  if (asks('items')) {
    const items = Object.values(typed.items)
    if (items.length === 0 || items.some((message) => !message.trim()))
      errors.push({ field: 'items', message: messages.action.itemsNone })
  }
  // Beside an outcome, reasons are only owed for a refusal.
  if (asks('opinion') && !asks('outcome') && !typed.opinion.trim()) errors.push({ field: 'opinion', message: messages.action.opinionMissing })
  if (asks('opinion') && typed.outcome === 'refused' && !typed.opinion.trim())
    errors.push({ field: 'opinion', message: messages.action.reasonsMissing })
  const reasonsOwed = asks('reasons') && (!asks('outcome') || typed.outcome === 'refused')
  if (reasonsOwed && !typed.reasons.trim()) errors.push({ field: 'reasons', message: messages.action.reasonsMissing })
  return errors
}
