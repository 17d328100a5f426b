import type { KeyboardEvent } from 'react'
import type { PatchRecord } from '../../electron/contract/patch.ts'
import { extentOf } from '../../electron/contract/placement.ts'
import type { Point } from '../atlas/cells.ts'
import { flush } from './geometry.ts'
import { adjustPatch, duplicatePatch, type PlacedPatch, removePatch, restackPatch, settle } from './lab.ts'
import type { InputRegion } from './use-lab.ts'

const ARROWS: Readonly<Record<string, Point>> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
}

/** The keys of the selected patch, as listed in the form. */
export const PATCH_KEYS = [
  ['Arrows', 'move by one pixel, with Shift by 5 %'],
  ['Alt and arrows', 'align with an edge; two edges make a corner'],
  ['+ and −', 'resize, with Shift in larger steps'],
  ['[ and ]', 'rotate by 1°, with Shift by 15°'],
  ['Page Up, Page Down', 'move up or down in the stack'],
  ['D', 'duplicate'],
  ['H', 'hide'],
  ['Delete', 'remove'],
  ['Tab', 'select the next patch'],
] as const

/**
 * Handles a key for a placed patch. A held key is one undo step, added when the key is released.
 * @param pixel size of an input pixel, as a share of the side
 * @returns whether the key was one of these
 */
export function patchKey(
  event: KeyboardEvent,
  placed: PlacedPatch,
  record: PatchRecord,
  region: InputRegion,
  pixel: number,
): boolean {
  if (event.ctrlKey || event.metaKey) return false
  const { key, shiftKey, altKey } = event
  const arrow = ARROWS[key]
  if (arrow !== undefined) {
    const step = shiftKey ? 0.05 : pixel
    const to = altKey
      ? flush({ ...placed, ...extentOf(placed, record, region), rotation: placed.rotation }, arrow)
      : { x: placed.x + arrow.x * step, y: placed.y + arrow.y * step }
    adjustPatch(placed.id, { x: to.x, y: to.y })
    return true
  }
  if (altKey) return false
  const rotate = (by: number): void => adjustPatch(placed.id, { rotation: placed.rotation + by })
  const scale = (by: number): void => adjustPatch(placed.id, { size: Math.round((placed.size + by) * 1e4) / 1e4 })
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
      rotate(key === '{' ? -15 : -1)
      return true
    case ']':
    case '}':
      rotate(key === '}' ? 15 : 1)
      return true
    case 'PageUp':
    case 'PageDown':
      restackPatch(placed.id, key === 'PageUp' ? 1 : -1)
      return true
    case 'd':
    case 'D':
      duplicatePatch(placed.id)
      return true
    case 'h':
    case 'H':
      adjustPatch(placed.id, { hidden: true })
      settle()
      return true
    case 'Delete':
    case 'Backspace':
      removePatch(placed.id)
      return true
    default:
      return false
  }
}
