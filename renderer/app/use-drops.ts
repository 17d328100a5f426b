import { useEffect, useState } from 'react'
import { attempt } from '../state/notices.ts'
import { take } from './drops.ts'

type Item = Parameters<typeof take>[0][number]

const itemOf = async (file: File, folder: boolean): Promise<Item> => ({
  path: await window.portolan.pathOf(file),
  name: file.name,
  folder,
  type: file.type,
  bytes: async () => new Uint8Array(await file.arrayBuffer()),
})

/** Must be read while the event lasts: afterwards the platform has forgotten it. */
function filesOf(data: DataTransfer): readonly (readonly [File, boolean])[] {
  return [...data.items].flatMap(item => {
    const file = item.kind === 'file' ? item.getAsFile() : null
    return file ? [[file, item.webkitGetAsEntry()?.isDirectory ?? false] as const] : []
  })
}

/**
 * Takes what is dropped on the window or pasted into it, unless a view has taken it: its default is prevented then.
 * @param open whether there is a project to take it
 * @returns whether something is held over the window now
 */
export function useDrops(open: boolean): boolean {
  const [over, setOver] = useState(false)
  useEffect(() => {
    const ends = new AbortController()
    const { signal } = ends
    let inside = 0
    const listen = <K extends keyof WindowEventMap>(name: K, listener: (event: WindowEventMap[K]) => void): void =>
      addEventListener(name, listener, { signal })
    const carries = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false
    listen('dragenter', event => {
      if (carries(event)) setOver(++inside > 0)
    })
    listen('dragleave', event => {
      if (carries(event)) setOver(--inside > 0)
    })
    listen('dragover', event => event.preventDefault())
    listen('drop', event => {
      const taken = event.defaultPrevented
      event.preventDefault()
      inside = 0
      setOver(false)
      if (taken) return
      const files = event.dataTransfer ? filesOf(event.dataTransfer) : []
      if (files.length === 0) return
      void attempt(async () => take(await Promise.all(files.map(([file, folder]) => itemOf(file, folder))), open))
    })
    listen('paste', event => {
      const writing = event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement
      if (writing || !open || event.defaultPrevented) return
      const files = event.clipboardData ? filesOf(event.clipboardData) : []
      void attempt(async () => {
        if (files.length > 0) return take(await Promise.all(files.map(([file]) => itemOf(file, false))), open)
        const held = await window.portolan.shell('clipboard.readImage', {})
        if (!held) return
        const bytes = async (): Promise<Uint8Array<ArrayBuffer>> => held.png
        return take([{ path: '', name: 'pasted.png', folder: false, type: 'image/png', bytes }], open)
      })
    })
    return () => ends.abort()
  }, [open])
  return over
}
