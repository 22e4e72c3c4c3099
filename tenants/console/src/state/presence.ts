// Whether somebody sits here. What asks the service by itself, unasked, stops when nobody does: a machine that polls through the
// lunch break would keep a session alive that its owner has left.

/** Well below the service's limit for an idle session, which is 30 minutes. */
const AWAY_AFTER_MS = 20 * 60_000
const SIGNS = ['keydown', 'pointerdown', 'wheel', 'touchstart'] as const

let lastSignAt = Date.now()

function sign(): void {
  lastSignAt = Date.now()
}

for (const name of SIGNS) window.addEventListener(name, sign, { capture: true, passive: true })

export function somebodyIsHere(): boolean {
  return document.visibilityState === 'visible' && Date.now() - lastSignAt < AWAY_AFTER_MS
}

/** Calls `refresh` at this pace while somebody is here, and once when they come back to the page. */
export function whileSomebodyIsHere(everyMs: number, refresh: () => void): () => void {
  let lastAt = Date.now()
  const ask = () => {
    if (!somebodyIsHere() || Date.now() - lastAt < everyMs) return
    lastAt = Date.now()
    refresh()
  }
  const timer = window.setInterval(ask, everyMs)
  document.addEventListener('visibilitychange', ask)
  return () => {
    window.clearInterval(timer)
    document.removeEventListener('visibilitychange', ask)
  }
}
