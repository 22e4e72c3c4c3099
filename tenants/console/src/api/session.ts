import { change, get } from './http'
import type { Me } from './types'

export const findSession = () => get<Me>('/session')
export const signIn = (login_name: string, password: string) => change<Me>('POST', '/session', { login_name, password })
export const switchPost = (tenant_id: number, post_id: number) => change<Me>('PUT', '/session/post', { tenant_id, post_id })
export const signOut = () => change<void>('DELETE', '/session')
