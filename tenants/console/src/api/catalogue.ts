import { get, query } from './http'
import type { MatterGuide, MatterRow, Place } from './types'

export const listPlaces = (parent: number) => get<Place[]>(`/places${query({ parent })}`)

export const listMatters = (place: number, q: string, signal?: AbortSignal) =>
  get<MatterRow[]>(`/matters${query({ place, q })}`, signal)

export const getMatter = (basicCode: string, place: number) =>
  get<MatterGuide>(`/matters/${encodeURIComponent(basicCode)}${query({ place })}`)
