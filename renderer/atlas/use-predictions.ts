import { useEffect, useState } from 'react'
import { call, client } from '../state/queries.ts'
import type { Prediction } from './sample-colours.ts'

const NONE: ReadonlyMap<number, Prediction | null> = new Map()
/** Photographs are predicted one after the other, so that other work goes on; the map is coloured after so many. */
const STEP = 8

/**
 * The predictions of a model for photographs, in their order; null for those that cannot be read. @param images distinct
 */
export function usePredictions(
  model: string | undefined,
  images: readonly number[] | null,
): ReadonlyMap<number, Prediction | null> {
  const [known, setKnown] = useState(NONE)
  const key = images === null || model === undefined ? '' : `${model} ${images.join()}`
  useEffect(() => {
    if (key === '') return setKnown(NONE)
    const [hash = '', list = ''] = key.split(' ')
    let ended = false
    const predict = async (): Promise<void> => {
      const found = new Map<number, Prediction | null>()
      for (const [k, image] of list.split(',').map(Number).entries()) {
        if (ended) return
        const input = { model: hash, image, limit: 1 }
        const one = await client
          .fetchQuery({ queryKey: ['photograph.predict', input], queryFn: () => call('photograph.predict', input) })
          .catch(() => null)
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
