// The state of the work list is its address, so that Back, a reload and a shared screen show the same list.
import { computed } from 'vue'
import { useRoute, useRouter, type LocationQueryRaw } from 'vue-router'

export type DeskFilter = '' | 'transit' | 'due3'

export function useDeskQuery() {
  const route = useRoute()
  const router = useRouter()
  const text = (name: string) => {
    const value = route.query[name]
    return typeof value === 'string' ? value : ''
  }

  const bucket = computed(() => text('bucket'))
  const filter = computed(() => text('filter') as DeskFilter)
  const q = computed(() => text('q'))
  const cursor = computed(() => text('cursor'))
  /** Number of the first row; keyset paging does not know it, the pages before it do. */
  const from = computed(() => Math.max(1, Number.parseInt(text('from'), 10) || 1))

  function go(next: LocationQueryRaw): void {
    const kept = Object.fromEntries(Object.entries(next).filter(([, value]) => value))
    void router.push({ name: 'desk', query: kept })
  }

  return {
    bucket,
    filter,
    q,
    cursor,
    from,
    toBucket: (code: string) => ({ name: 'desk', query: { bucket: code } }),
    showFilter: (next: DeskFilter) => go({ bucket: bucket.value, q: q.value, filter: next }),
    /** The bucket is named even where the first page's address named none: another one may be the first with work by now. */
    showNext: (nextCursor: string, shown: number, shownBucket: string) =>
      go({ bucket: shownBucket, filter: filter.value, q: q.value, cursor: nextCursor, from: String(from.value + shown) }),
    showPrevious: () => {
      if (window.history.state?.back) router.back()
      else go({ bucket: bucket.value, filter: filter.value, q: q.value })
    },
  }
}
