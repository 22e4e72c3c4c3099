// What somebody has typed and not yet sent, kept in memory only: it survives a reload of the case after a
// stale version and a new sign-in, and it never reaches the disk of a shared machine.
const kept = new Map<string, unknown>()

export function keptInput<T>(key: string, fresh: () => T): T {
  if (!kept.has(key)) kept.set(key, fresh())
  return kept.get(key) as T
}

export function keepInput(key: string, value: unknown): void {
  kept.set(key, value)
}

export function dropKeptInput(prefix: string): void {
  for (const key of kept.keys()) if (key.startsWith(prefix)) kept.delete(key)
}

export function forgetKeptInput(): void {
  kept.clear()
}
