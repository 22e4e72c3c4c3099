// Who sits here. One object for the whole console; there is never more than one session in a tab.
import { computed, reactive } from 'vue'
import { setCsrfToken } from '../api/http'
import * as service from '../api/session'
import type { Me, Post } from '../api/types'
import { forgetKeptInput } from './kept-input'

const state = reactive<{ me: Me | null; clockOffsetMs: number }>({ me: null, clockOffsetMs: 0 })

export const me = computed(() => state.me)

/** The post that acts. Pages behind the shell are only shown with a session, so a missing one is a fault. */
export const post = computed(() => {
  if (!state.me) throw new Error('no session')
  return state.me.post
})

/** "汀罗镇便民服务中心 · 综合窗口人员": titles name the place again, which the department has said. */
export function seatOf(held: Post): string {
  const title = held.title.startsWith(held.tenant_name) ? held.title.slice(held.tenant_name.length) : held.title
  return `${held.department_name || held.tenant_name} · ${title || held.title}`
}

/** Receiving belongs to the posts that sit before the applicant; which they are the service says. */
export const mayReceive = computed(() => state.me?.nav.includes('receive') ?? false)

/** The service's clock, not this machine's: limits are counted there. */
export function serverNow(): Date {
  return new Date(Date.now() + state.clockOffsetMs)
}

export async function loadSession(): Promise<boolean> {
  if (state.me) return true
  try {
    take(await service.findSession())
    return true
  } catch {
    return false
  }
}

export async function signIn(loginName: string, password: string): Promise<void> {
  take(await service.signIn(loginName, password))
}

/** `leave` is called when the service has agreed and before the pages learn of it: what is open belongs to the old post. */
export async function switchPost(wanted: Post, leave: () => Promise<unknown>): Promise<void> {
  const next = await service.switchPost(wanted.tenant_id, wanted.id)
  await leave()
  take(next)
}

/** The page behind the shell still needs its post: the caller leaves first and drops the session then. */
export async function signOut(): Promise<void> {
  await service.signOut()
  forgetKeptInput()
}

export function dropSession(): void {
  state.me = null
  setCsrfToken('')
}

let lastAccountId = 0

function take(next: Me): void {
  // What somebody typed before the session ran out waits for that person only.
  if (lastAccountId && lastAccountId !== next.account_id) forgetKeptInput()
  lastAccountId = next.account_id
  state.me = next
  state.clockOffsetMs = new Date(next.now).getTime() - Date.now()
  setCsrfToken(next.csrf_token)
}
