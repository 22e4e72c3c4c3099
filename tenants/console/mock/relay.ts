// Draws relays for the fixtures; the real ones come from the service.
import type { Relay, RelayDirection, RelayStop } from '../src/api/types'

type Stop = [name: string, level: number]
const ARROW: Record<RelayDirection, string> = { start: '', up: '↑', flat: '→', down: '↓' }

export const SUBSIDY: Stop[] = [['前梁村', 1], ['汀罗镇', 2], ['县残联', 3], ['县民政局', 3], ['汀罗镇', 2], ['前梁村', 1]]
export const ALLOWANCE: Stop[] = [['罗家村', 1], ['汀罗镇', 2], ['县民政局', 3], ['汀罗镇', 2], ['罗家村', 1]]
export const RELIEF: Stop[] = [['东宋村', 1], ['汀罗镇', 2], ['东宋村', 1]]
export const ONE: Stop[] = [['汀罗镇', 2]]

interface Wish {
  now?: number
  coming?: boolean
  late?: string
  paused?: boolean
  asked?: string
  route?: boolean
  closed?: boolean
}

export function relayOf(stops: Stop[], wish: Wish): Relay {
  const now = wish.now ?? 0
  const drawn: RelayStop[] = stops.map(([name, level], index) => {
    const before = stops[index - 1]
    const direction: RelayDirection = !before ? 'start' : level > before[1] ? 'up' : level < before[1] ? 'down' : 'flat'
    const here = index === now && !wish.closed
    let state: RelayStop['state'] = wish.closed || index < now ? 'done' : 'next'
    if (here) state = wish.coming ? 'coming' : 'now'
    if (wish.route) state = 'route'
    return {
      name,
      short: name,
      level,
      direction,
      state,
      under: null,
      late: here ? (wish.late ?? null) : null,
      paused: here && Boolean(wish.paused),
      asked: here ? (wish.asked ?? null) : null,
      end: index === stops.length - 1,
    }
  })
  const text = drawn.map((stop) => ARROW[stop.direction] + (stop.state === 'now' ? `【${stop.name}】` : stop.name)).join('')
  const label = wish.route ? '会走过的地方' : wish.coming ? `接力：在途，去${stops[now]?.[0]}` : `接力：现在在${stops[now]?.[0]}`
  return { stops: drawn, closed: Boolean(wish.closed), text: wish.closed ? `${text}。` : text, label }
}
