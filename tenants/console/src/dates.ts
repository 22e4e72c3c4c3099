// Dates the way the house writes them: 9月29日 (周二) 10:42, always in the country's one time zone.
const DAY = new Intl.DateTimeFormat('zh-CN', { timeZone: 'Asia/Shanghai', month: 'long', day: 'numeric' })
const WEEKDAY = new Intl.DateTimeFormat('zh-CN', { timeZone: 'Asia/Shanghai', weekday: 'short' })
const TIME = new Intl.DateTimeFormat('zh-CN', {
  timeZone: 'Asia/Shanghai',
  hour: 'numeric',
  minute: '2-digit',
  hourCycle: 'h23',
})

export function dayWords(at: Date): string {
  return `${DAY.format(at)} (${WEEKDAY.format(at)})`
}

export function timeWords(at: Date): string {
  return TIME.format(at)
}

export function momentWords(at: Date): string {
  return `${dayWords(at)} ${timeWords(at)}`
}

/** A moment as the wire carries it; an empty or broken one stays as it is rather than "Invalid Date". */
export function momentWordsOf(text: string): string {
  const at = new Date(text)
  return Number.isNaN(at.getTime()) ? text : momentWords(at)
}

const MIB = 1024 * 1024

export function sizeWords(sizeBytes: number): string {
  return sizeBytes >= MIB ? `${(sizeBytes / MIB).toFixed(1)} MB` : `${Math.max(1, Math.round(sizeBytes / 1024))} KB`
}
