// One way to the service: cookies, the CSRF header on every change, and refusals as `Problem`.
import { messages } from '../messages/zh-CN'
import { Problem, problemFrom } from './problem'

const API_BASE = '/api/v1'

let csrfToken = ''
let onSignedOut: () => void = () => {}

/** The session hands in its token after sign-in and after each change of post. */
export function setCsrfToken(token: string): void {
  csrfToken = token
}

/** Called once by the router: where to go when the service no longer knows us. */
export function whenSignedOut(handler: () => void): void {
  onSignedOut = handler
}

export function apiUrl(path: string): string {
  return API_BASE + path
}

export function changeHeaders(): Record<string, string> {
  return { 'X-CSRF-Token': csrfToken, Accept: 'application/json' }
}

export function query(parameters: Record<string, string | number | null | undefined>): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== null && value !== undefined && value !== '') search.set(name, String(value))
  }
  const text = search.toString()
  return text ? `?${text}` : ''
}

export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  return read<T>(await send(path, { headers: { Accept: 'application/json' }, signal }), path)
}

export async function change<T>(
  method: 'POST' | 'PUT' | 'DELETE',
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<T> {
  const answer = await send(path, {
    method,
    headers: { ...changeHeaders(), 'Content-Type': 'application/json', ...headers },
    body: body === undefined ? undefined : JSON.stringify(body),
  })
  return read<T>(answer, path)
}

/** For answers that are pages: the receipt that is printed. */
export async function changeForPage(path: string, body: unknown): Promise<string> {
  const answer = await send(path, {
    method: 'POST',
    headers: { ...changeHeaders(), Accept: 'text/html', 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (!answer.ok) throw refusal(answer.status, await answer.text(), path)
  return answer.text()
}

/** Turns a status into a refusal; shared with the upload, which does not go through fetch. */
export function refusal(status: number, body: string, path: string): Problem {
  // A refused sign-in is an answer for the sign-in page, not the end of a session.
  if (status === 401 && path !== '/session') onSignedOut()
  return problemFrom(status, body)
}

async function send(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(apiUrl(path), { credentials: 'same-origin', ...init })
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    throw new Problem(0, 'offline', messages.error.offline)
  }
}

async function read<T>(answer: Response, path: string): Promise<T> {
  if (!answer.ok) throw refusal(answer.status, await answer.text(), path)
  if (answer.status === 204) return undefined as T
  return (await answer.json()) as T
}
