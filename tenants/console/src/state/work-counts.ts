// The counts that the top bar and the navigation show. They come with every answer of the work list.
import { computed, reactive } from 'vue'
import { listCases } from '../api/cases'
import type { CaseList } from '../api/types'
import { whileSomebodyIsHere } from './presence'

const REFRESH_MS = 60_000

const state = reactive<{ counts: CaseList['counts']; known: boolean }>({ counts: {}, known: false })

/** Cases that wait elsewhere or are over are not this post's work. */
const NOT_MINE = ['elsewhere', 'closed']

export const countsKnown = computed(() => state.known)
export const lateCount = computed(() => sum('late'))
export const nearCount = computed(() => sum('near'))
export const openCount = computed(() => sum('total'))

export function takeCounts(counts: CaseList['counts']): void {
  state.counts = counts
  state.known = true
}

export async function refreshCounts(): Promise<void> {
  try {
    takeCounts((await listCases({ limit: 1 })).counts)
  } catch {
    // The numbers in the bar are a convenience; the page itself reports a broken line.
  }
}

export function keepCountsFresh(): () => void {
  void refreshCounts()
  return whileSomebodyIsHere(REFRESH_MS, () => void refreshCounts())
}

function sum(part: 'total' | 'late' | 'near'): number {
  return Object.entries(state.counts)
    .filter(([bucket]) => !NOT_MINE.includes(bucket))
    .reduce((total, [, count]) => total + count[part], 0)
}
