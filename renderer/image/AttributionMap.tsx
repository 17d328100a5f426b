import { type ReactNode, useEffect, useRef } from 'react'
import type { Output } from '../../electron/contract/calls.ts'
import { decimal } from '../ui/text.ts'
import css from './image.module.css'

/** Opacity of the strongest attribution over the photograph. */
const STRONGEST = 0.85

/** The largest magnitude of a map, logits. */
export const largestOf = (values: Float32Array): number =>
  values.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-9)

/** The attribution to a class over a photograph: warm for, blue against, opaque in proportion to its magnitude. */
export function AttributionOverlay({ map }: { readonly map: Output<'photograph.attribution'> }): ReactNode {
  const canvas = useRef<HTMLCanvasElement>(null)
  const { height, width, values } = map
  useEffect(() => {
    const context = canvas.current?.getContext('2d')
    if (!context) return
    const most = largestOf(values)
    context.clearRect(0, 0, width, height)
    for (const [k, value] of values.entries()) {
      context.globalAlpha = (STRONGEST * Math.abs(value)) / most
      context.fillStyle = value < 0 ? '#1e64dc' : '#e68214'
      context.fillRect(k % width, Math.floor(k / width), 1, 1)
    }
  }, [height, width, values])
  return <canvas ref={canvas} className={css['overlay']} width={width} height={height} aria-hidden />
}

/** The scale of the overlay. @param name of the class */
export function AttributionScale({
  values,
  name,
}: {
  readonly values: Float32Array
  readonly name: string
}): ReactNode {
  const most = decimal(largestOf(values))
  return (
    <p className={css['scale']}>
      <span>−{most}</span>
      <i aria-hidden />
      <span>+{most}</span>
      <span>{`logits, attribution to ${name}`}</span>
    </p>
  )
}
