import { get, query } from './http'
import type { MatterGuide, MatterRow, Origin, Place } from './types'

export const listPlaces = (parent: number) => get<Place[]>(`/places${query({ parent })}`)

/** Only what may be started there: what a village cannot receive is not offered to a village. */
export const listMatters = (place: number, origin: Origin, q: string, signal?: AbortSignal) =>
  get<MatterRow[]>(`/matters${query({ place, origin, q })}`, signal)

/** The route is that of the chosen situations; of the longest common form where none is chosen. */
export const getMatter = (basicCode: string, place: number, situations: string[]) =>
  get<MatterGuide>(`/matters/${encodeURIComponent(basicCode)}${query({ place, situations: situations.join(',') })}`)
