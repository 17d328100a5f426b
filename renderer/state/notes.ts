import { useMemo } from 'react'
import { z } from 'zod'
import { CellRef } from '../../electron/contract/values.ts'
import { call, useCall } from './queries.ts'

const Note = z.object({ version: z.literal(1), cells: z.array(CellRef).min(1).readonly(), text: z.string() })

/** A note on cells of an atlas. */
interface CellNote {
  /** The key of the note in the project. */
  readonly name: string
  readonly cells: readonly CellRef[]
  readonly text: string
  /** Milliseconds since 1970. */
  readonly updated: number
}

/** All notes of the project, newest first, without those saved by another version. */
export function useNotes(): readonly CellNote[] {
  const { data } = useCall('saved.list', { kind: 'note' })
  return useMemo(
    () =>
      (data ?? [])
        .flatMap(({ name, value, updated }) => {
          const parsed = Note.safeParse(value)
          return parsed.success ? [{ name, updated, cells: parsed.data.cells, text: parsed.data.text }] : []
        })
        .sort((a, b) => b.updated - a.updated),
    [data],
  )
}

/** Saves a note; without a name, as a new one. */
export async function saveNote(cells: readonly CellRef[], text: string, name?: string): Promise<void> {
  const { atlas, grid, i, j } = cells[0]!
  const value = z.json().parse({ version: 1, cells, text })
  await call('saved.save', {
    kind: 'note',
    name: name ?? `${atlas}/${grid}/${i},${j} ${new Date().toISOString()}`,
    value,
  })
}

export function removeNote(name: string): Promise<unknown> {
  return call('saved.remove', { kind: 'note', name })
}
