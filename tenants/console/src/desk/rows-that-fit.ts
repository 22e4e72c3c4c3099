// How many rows fill the sheet without a scroll bar. Keyset paging does not mind that the number changes.
import type { Ref } from 'vue'

const HEAD_PX = 33
const ROW_PX = 40
const FEWEST = 10
const MOST = 50
/** On a telephone the page itself scrolls and nothing has to fit. */
const NARROW_PX = 900

export function useRowsThatFit(sheet: Ref<HTMLElement | null>): () => number {
  return () => {
    if (window.innerWidth < NARROW_PX) return 20
    const height = sheet.value?.clientHeight ?? 0
    return Math.min(MOST, Math.max(FEWEST, Math.floor((height - HEAD_PX) / ROW_PX)))
  }
}
