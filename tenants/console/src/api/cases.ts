import { apiUrl, change, changeForPage, changeHeaders, get, query, refusal } from './http'
import { messages } from '../messages/zh-CN'
import { Problem } from './problem'
import type { ActionInput, ActionName, CaseEvent, CaseList, CaseView, NewCase, Unmasked } from './types'

export const MATERIAL_LIMIT_BYTES = 20 * 1024 * 1024
export const MATERIAL_TYPES = ['image/jpeg', 'image/png', 'application/pdf']

export interface CaseQuery {
  bucket?: string
  filter?: string
  q?: string
  cursor?: string
  limit?: number
}

export const listCases = (wanted: CaseQuery, signal?: AbortSignal) =>
  get<CaseList>(`/cases${query({ ...wanted })}`, signal)

export const getCase = (id: string) => get<CaseView>(`/cases/${encodeURIComponent(id)}`)

/** The key makes a second press, or a retry over a poor line, the same case and not another. */
export const createCase = (input: NewCase, idempotencyKey: string) =>
  change<CaseView>('POST', '/cases', input, { 'Idempotency-Key': idempotencyKey })

export const updateDraft = (id: string, version: number, input: NewCase) =>
  change<CaseView>('PUT', `/cases/${encodeURIComponent(id)}`, { ...input, version })

export const act = (id: string, action: ActionName, input: ActionInput) =>
  change<CaseView>('POST', `/cases/${encodeURIComponent(id)}/actions/${action}`, input)

export const listEvents = (id: string) => get<CaseEvent[]>(`/cases/${encodeURIComponent(id)}/events`)

export const unmask = (id: string, reason: string) =>
  change<Unmasked>('POST', `/cases/${encodeURIComponent(id)}/unmask`, { reason })

/** A page for A5 paper. The secret goes in the body, because addresses are logged. */
export const receiptWithSecret = (id: string, secret: string) =>
  changeForPage(`/cases/${encodeURIComponent(id)}/receipt`, { secret })

/** The same page later, when nobody here knows the secret any more. */
export const receiptUrl = (id: string) => apiUrl(`/cases/${encodeURIComponent(id)}/receipt`)

/** XMLHttpRequest, because fetch cannot tell how much has been sent, and village lines are slow. */
export function uploadMaterial(
  caseId: string,
  version: number,
  materialCode: string,
  file: File,
  originalSeen: boolean,
  onProgress: (share: number) => void,
): Promise<CaseView> {
  const path = `/cases/${encodeURIComponent(caseId)}/materials/${encodeURIComponent(materialCode)}${query({
    version,
    file_name: file.name,
    original_seen: String(originalSeen),
  })}`
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('PUT', apiUrl(path))
    for (const [name, value] of Object.entries(changeHeaders())) request.setRequestHeader(name, value)
    request.setRequestHeader('Content-Type', file.type)
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) onProgress(event.loaded / event.total)
    }
    request.onerror = () => reject(new Problem(0, 'offline', messages.error.offline))
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) resolve(JSON.parse(request.responseText) as CaseView)
      else reject(refusal(request.status, request.responseText, path))
    }
    request.send(file)
  })
}
