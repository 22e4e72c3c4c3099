// A refusal of the service as one object: pages read `code` and `fields`, people read `message`.
import { messages } from '../messages/zh-CN'
import type { ProblemDocument } from './types'

export class Problem extends Error {
  readonly status: number
  readonly code: string
  /** A few words for a heading; `message` says what to do. */
  readonly title: string
  readonly fields: { field: string; message: string }[]

  constructor(status: number, code: string, message: string, fields: { field: string; message: string }[] = [], title = '') {
    super(message)
    this.name = 'Problem'
    this.status = status
    this.code = code
    this.fields = fields
    this.title = title || message
  }

  get stale(): boolean {
    return this.status === 409 && this.code === 'stale_version'
  }

  /** Nothing came back at all: the line is down or the service is. */
  get offline(): boolean {
    return this.status === 0
  }
}

export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error
  return new Problem(0, 'unexpected', messages.error.unexpected)
}

export function fieldMessage(problem: Problem | null, field: string): string | null {
  return problem?.fields.find((entry) => entry.field === field)?.message ?? null
}

/** Reads what came with a refusal; a proxy's HTML page must not end up before a clerk's eyes. */
export function problemFrom(status: number, body: string): Problem {
  let document: ProblemDocument = {}
  try {
    document = JSON.parse(body) as ProblemDocument
  } catch {
    // Not JSON: the general sentence for this status is all there is to say.
  }
  const general = status >= 500 ? messages.error.server : messages.error.refused
  return new Problem(status, document.code ?? 'unknown', document.detail || document.title || general, document.errors ?? [], document.title)
}
