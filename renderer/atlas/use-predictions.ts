import { useEffect, useState } from 'react'
import type { ClassValue } from '../../electron/contract/values.ts'
import { fetched } from '../state/queries.ts'

const NONE: ReadonlyMap<number, ClassValue | null> = new Map()
/** Photographs are classified one by one, so that other requests are not held up; the map is recoloured after so many. */
const STEP = 8

/**
 * The strongest class of each photograph and its probability; null for those that cannot be classified.
 * @param images distinct
 */
export function usePredictions(
  model: string | undefined,
  images: readonly number[] | null,
): ReadonlyMap<number, ClassValue | null> {
  const [known, setKnown] = useState(NONE)
  const key = images === null || model === undefined ? '' : `${model} ${images.join()}`
  useEffect(() => {
    if (key === '') return setKnown(NONE)
    const [hash = '', list = ''] = key.split(' ')
    let ended = false
    const predict = async (): Promise<void> => {
      const found = new Map<number, ClassValue | null>()
      for (const [k, image] of list.split(',').map(Number).entries()) {
        if (ended) return
        const one = await fetched('photograph.predict', { model: hash, image, limit: 1 }).catch(() => null)
        found.set(image, one?.probabilities[0] ?? null)
        if ((k + 1) % STEP === 0) setKnown(new Map(found))
      }
      if (!ended) setKnown(found)
    }
    void predict()
    return () => {
      ended = true
    }
  }, [key])
  return known
}
