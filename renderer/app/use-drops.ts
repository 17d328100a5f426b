import { useEffect, useState } from 'react'
import { attempt } from '../state/notices.ts'
import { acceptItems } from './drops.ts'

type Item = Parameters<typeof acceptItems>[0][number]

const itemOf = async (file: File, folder: boolean): Promise<Item> => ({
  path: await window.portolan.pathOf(file),
  name: file.name,
  folder,
  type: file.type,
  bytes: async () => new Uint8Array(await file.arrayBuffer()),
})

/** Must be read during the event: the data transfer is empty afterwards. */
function filesOf(data: DataTransfer): readonly (readonly [File, boolean])[] {
  return [...data.items].flatMap(item => {
    const file = item.kind === 'file' ? item.getAsFile() : null
    return file ? [[file, item.webkitGetAsEntry()?.isDirectory ?? false] as const] : []
  })
}

/**
 * Accepts what is dropped on the window or pasted into it, unless a view has handled the event (and prevented its
 * default).
 * @param open whether a project is open
 * @returns whether files are being dragged over the window
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
      const handled = event.defaultPrevented
      event.preventDefault()
      inside = 0
      setOver(false)
      if (handled) return
      const files = event.dataTransfer ? filesOf(event.dataTransfer) : []
      if (files.length === 0) return
      void attempt(async () =>
        acceptItems(await Promise.all(files.map(([file, folder]) => itemOf(file, folder))), open),
      )
    })
    listen('paste', event => {
      const inTextField = event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement
      if (inTextField || !open || event.defaultPrevented) return
      const files = event.clipboardData ? filesOf(event.clipboardData) : []
      void attempt(async () => {
        if (files.length > 0) return acceptItems(await Promise.all(files.map(([file]) => itemOf(file, false))), open)
        const picture = await window.portolan.shell('clipboard.readImage', {})
        if (!picture) return
        const bytes = async (): Promise<Uint8Array<ArrayBuffer>> => picture.png
        return acceptItems([{ path: '', name: 'pasted.png', folder: false, type: 'image/png', bytes }], open)
      })
    })
    return () => ends.abort()
  }, [open])
  return over
}
