// Keys that act on a page. Only with a modifier, or outside fields: scanners and input methods type letters.
import { onBeforeUnmount, onMounted } from 'vue'

export function inField(event: KeyboardEvent): boolean {
  const target = event.target as HTMLElement | null
  return Boolean(target?.closest('input, textarea, select, [contenteditable="true"], [role="combobox"], [role="listbox"]'))
}

export function useKeys(handler: (event: KeyboardEvent) => void): void {
  const listen = (event: KeyboardEvent) => {
    // While the input method composes, every key belongs to it.
    if (event.isComposing || event.defaultPrevented) return
    handler(event)
  }
  onMounted(() => window.addEventListener('keydown', listen))
  onBeforeUnmount(() => window.removeEventListener('keydown', listen))
}

/** The letter of Alt + letter, by the key's place, because Alt changes what some keyboards type. */
export function altLetter(event: KeyboardEvent): string | null {
  if (!event.altKey || event.ctrlKey || event.metaKey) return null
  const match = /^Key([A-Z])$/.exec(event.code)
  return match?.[1] ?? null
}
