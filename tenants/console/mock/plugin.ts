// Plays the service for `npm run dev`. Sign in as agent, clerk or reviewer with any password ("wrong" is refused).
// Searching for 错 answers 500, for 慢 waits seven seconds; the opinion 冲突 answers a stale version.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Plugin } from 'vite'
import type { Me, NewCase, Post, Role } from '../src/api/types'
import { caseOf, draftFrom, events, materials } from './case'
import { guide, matterRows, places } from './catalogue'
import { buckets, counts, rows } from './rows'

const post = (role: Role, title: string, tenant_id: number, tenant_name: string, department_name: string | null = null): Post => ({
  id: role,
  title,
  role,
  tenant_id,
  tenant_name,
  department_code: null,
  department_name,
})
const POSTS: Record<string, Post[]> = {
  agent: [post('agent', '代办员', 370522102201, '前梁村服务站')],
  clerk: [post('window_clerk', '首席代表', 370522102000, '汀罗镇便民服务中心'), post('reviewer', '经办人', 370522102000, '汀罗镇', '民政办')],
  reviewer: [post('reviewer', '审核人（B角）', 370522000000, '利津县', '残联')],
}

interface Answer {
  status: number
  body?: unknown
  raw?: { type: string; text: string }
}
const ok = (body: unknown, status = 200): Answer => ({ status, body })
const refuse = (status: number, code: string, detail: string, errors: unknown[] = []): Answer => ({
  status,
  body: { type: 'about:blank', title: detail, status, detail, code, errors },
})

let login = ''
let postId = ''
let draft = caseOf('draft1')

function meView(): Me {
  const posts = POSTS[login] ?? []
  const held = posts.find((entry) => entry.id === postId) ?? posts[0]!
  return { account_id: login, name: '刘*伟', login_name: login, post: held, posts, csrf_token: 'mock', nav: ['desk', 'cases'], now: '2026-09-29T10:42:00+08:00' }
}

const SCAN = `<svg xmlns="http://www.w3.org/2000/svg" width="720" height="500"><rect width="720" height="500" fill="#fff" stroke="#999"/>
<g font-family="sans-serif" font-size="24" fill="#222"><text x="260" y="60">残疾人证（内页）</text><text x="60" y="140">姓名　陈*兰</text>
<text x="60" y="200">残疾类别　肢体</text><text x="380" y="200">残疾等级　二级</text><text x="60" y="260">有效期至　2029年6月</text></g></svg>`

function answer(method: string, path: string, search: URLSearchParams, body: Record<string, unknown>): Answer {
  if (path === '/session') {
    if (method === 'DELETE') {
      login = ''
      return { status: 204 }
    }
    if (method === 'POST') {
      if (body['password'] === 'wrong' || !POSTS[String(body['login_name'])]) return refuse(401, 'sign_in_refused', '登录名或密码不对。')
      login = String(body['login_name'])
      postId = ''
    }
    return login ? ok(meView()) : refuse(401, 'signed_out', '请先登录。')
  }
  if (!login) return refuse(401, 'signed_out', '请先登录。')
  if (path === '/session/post') {
    postId = String(body['post_id'])
    return ok(meView())
  }
  if (path === '/places') return ok(places[search.get('parent') ?? ''] ?? [])
  if (path === '/matters') return ok(matterRows.filter((row) => (row.name + row.summary).includes(search.get('q') ?? '')))
  if (path.startsWith('/matters/')) return ok(guide)
  if (path === '/cases' && method === 'GET') return ok(listOf(search))
  if (path === '/cases') {
    draft = draftFrom(body as unknown as NewCase)
    return ok(draft, 201)
  }
  return answerCase(method, path, body)
}

function listOf(search: URLSearchParams) {
  const limit = Number(search.get('limit') ?? 30)
  const start = Number(search.get('cursor') ?? 0)
  const empty = search.get('bucket') === 'correcting' || search.get('q') === '没有'
  const all = empty ? [] : [...rows, ...rows.map((row) => ({ ...row, id: `${row.id}b` }))]
  const next = start + limit < all.length ? String(start + limit) : null
  return { items: all.slice(start, start + limit), next_cursor: next, counts, buckets }
}

function answerCase(method: string, path: string, body: Record<string, unknown>): Answer {
  const match = /^\/cases\/([^/]+)(?:\/(\w+)(?:\/(\w+)(?:\/(\d+))?)?)?$/.exec(path)
  if (!match) return refuse(404, 'not_found', '没有这个地址。')
  const [, id = '', part, name = ''] = match
  if (id === 'none') return refuse(404, 'not_found', '没有这件。')
  const view = id === 'draft1' ? draft : caseOf(id)
  if (!part) return ok(view)
  if (part === 'events') return ok(events)
  if (part === 'receipt') return { status: 200, raw: { type: 'text/html; charset=utf-8', text: '<h1>提交回执</h1>' } }
  if (part === 'unmask') return ok({ name: '陈秀兰', identity_number: '370522196203040042', telephone: '13700000416' })
  if (part === 'materials' && method === 'GET') return { status: 200, raw: { type: 'image/svg+xml', text: SCAN } }
  if (part === 'materials') {
    const given = materials().find((entry) => entry.code === name)
    draft = { ...draft, version: draft.version + 1, materials: draft.materials.map((entry) => (entry.code === name && given ? { ...given, status: 'received', files: given.files.length ? given.files : materials()[1]!.files } : entry)) }
    return ok(draft)
  }
  if (body['opinion'] === '冲突') return refuse(409, 'stale_version', '别人刚改过。')
  if (name === 'review' && !body['opinion']) return refuse(422, 'invalid', '还有几处要改。', [{ field: 'opinion', message: '请写审核意见' }])
  if (name === 'file') {
    draft = { ...draft, case_no: '370522260921000047', state: 'filed', state_label: '已收件', actions: [{ ...view.actions[0]!, action: 'hand_on', label: '移交汀罗镇' }] }
    return ok({ ...draft, receipt_secret: '4827 1936' })
  }
  return ok({ ...view, version: view.version + 1 })
}

const SLOW_MS = 7_000

async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://localhost')
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const isJson = (request.headers['content-type'] ?? '').includes('json') && chunks.length > 0
  const body = isJson ? (JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>) : {}
  const q = url.searchParams.get('q')
  if (q === '慢') await new Promise((resolve) => setTimeout(resolve, SLOW_MS))
  const result = q === '错' ? refuse(500, 'internal', '') : answer(request.method ?? 'GET', url.pathname, url.searchParams, body)
  response.statusCode = result.status
  response.setHeader('Content-Type', result.raw?.type ?? 'application/json')
  response.end(result.raw ? result.raw.text : result.body === undefined ? '' : JSON.stringify(result.body))
}

export function mockService(): Plugin {
  return {
    name: 'mock-service',
    configureServer(server) {
      server.middlewares.use('/api/v1', (request, response) => void handle(request, response))
    },
  }
}
