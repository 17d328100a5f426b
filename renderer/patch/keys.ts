import type { KeyboardEvent } from 'react'
import { extentOf, type PatchRecord } from '../../electron/contract/patch.ts'
import { flush, type Point } from './geometry.ts'
import { duplicate, type Laid, lift, reshape, restack, settle } from './lab.ts'
import type { Seen } from './use-lab.ts'

const ARROWS: Readonly<Record<string, Point>> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
}

/** Keys of the selected patch, as they are told to the reader. */
export const PATCH_KEYS = [
  ['Arrows', 'move by a pixel, with Shift by a twentieth'],
  ['Alt and arrows', 'flush with that edge: two of them make a corner'],
  ['+ and −', 'scale, with Shift in larger steps'],
  ['[ and ]', 'turn by a degree, with Shift by fifteen'],
  ['Page Up, Page Down', 'above or below the next patch'],
  ['D', 'lay it on once more'],
  ['H', 'hide it'],
  ['Delete', 'take it off'],
  ['Tab', 'the next patch'],
] as const

/**
 * Carries out a key for a patch. A held key is one step of undo's: it is settled when the key is let go of.
 * @param pixel of the network's input, as a share of its edge
 * @returns whether the key was one of these
 */
export function layerKey(event: KeyboardEvent, layer: Laid, record: PatchRecord, seen: Seen, pixel: number): boolean {
  if (event.ctrlKey || event.metaKey) return false
  const { key, shiftKey, altKey } = event
  const arrow = ARROWS[key]
  if (arrow !== undefined) {
    const step = shiftKey ? 0.05 : pixel
    const to = altKey
      ? flush({ ...layer, ...extentOf(layer, record, seen), rotation: layer.rotation }, arrow)
      : { x: layer.x + arrow.x * step, y: layer.y + arrow.y * step }
    reshape(layer.id, { x: to.x, y: to.y })
    return true
  }
  if (altKey) return false
  const turn = (by: number): void => reshape(layer.id, { rotation: layer.rotation + by })
  const scale = (by: number): void => reshape(layer.id, { size: Math.round((layer.size + by) * 1e4) / 1e4 })
  switch (key) {
    case '+':
    case '=':
      scale(shiftKey && key !== '=' ? 0.05 : 0.01)
      return true
    case '*':
      scale(0.05)
      return true
    case '-':
      scale(-0.01)
      return true
    case '_':
      scale(-0.05)
      return true
    case '[':
    case '{':
      turn(key === '{' ? -15 : -1)
      return true
    case ']':
    case '}':
      turn(key === '}' ? 15 : 1)
      return true
    case 'PageUp':
    case 'PageDown':
      restack(layer.id, key === 'PageUp' ? 1 : -1)
      return true
    case 'd':
    case 'D':
      duplicate(layer.id)
      return true
    case 'h':
    case 'H':
      reshape(layer.id, { hidden: true })
      settle()
      return true
    case 'Delete':
    case 'Backspace':
      lift(layer.id)
      return true
    default:
      return false
  }
}
