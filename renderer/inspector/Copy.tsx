import { Braces, FileText, Image as ImageIcon, Link } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import type { AtlasSummary, CellDetail } from '../../electron/contract/atlas.ts'
import { reason } from '../../electron/contract/errors.ts'
import { placeUrl } from '../../electron/contract/links.ts'
import { useProject } from '../state/project.ts'
import { Button } from '../ui/controls.tsx'
import panel from '../ui/panel.module.css'
import { methodsParagraph } from './methods.ts'

interface CopyProps {
  readonly detail: CellDetail
  readonly atlas: AtlasSummary | undefined
  /** Address of the icon; null until rendered. */
  readonly icon: string | null
}

/** Copies a cell as a link, an image, JSON, or a paragraph for a methods section. */
export function Copy({ detail, atlas, icon }: CopyProps): ReactNode {
  const { key } = useProject()
  const [status, setStatus] = useState('')
  const copy = (what: string, work: () => Promise<unknown>) => async (): Promise<void> => {
    try {
      await work()
      setStatus(`${what} copied`)
    } catch (error) {
      setStatus(reason(error))
    }
  }
  const text = (what: string, make: () => string) =>
    copy(what, () => window.portolan.shell('clipboard.text', { text: make() }))
  return (
    <section className={panel['section']} aria-label="Copy">
      <h3>Copy</h3>
      <div className={panel['actions']}>
        <Button onClick={text('Link', () => placeUrl({ kind: 'cell', project: key, cell: detail.cell }))}>
          <Link size={14} aria-hidden /> Link
        </Button>
        <Button onClick={icon ? copy('Image', () => copyPicture(icon)) : undefined} disabled={!icon}>
          <ImageIcon size={14} aria-hidden /> PNG
        </Button>
        <Button onClick={text('JSON', () => JSON.stringify(detail, null, 2))}>
          <Braces size={14} aria-hidden /> JSON
        </Button>
        <Button disabled={!atlas} onClick={atlas && text('Paragraph', () => methodsParagraph(detail, atlas))}>
          <FileText size={14} aria-hidden /> Methods
        </Button>
      </div>
      <p role="status" className={panel['note']}>
        {status}
      </p>
    </section>
  )
}

async function copyPicture(address: string): Promise<void> {
  const bitmap = await createImageBitmap(await (await fetch(address)).blob())
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height)
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0)
  const blob = await canvas.convertToBlob({ type: 'image/png' })
  await window.portolan.shell('clipboard.image', { png: new Uint8Array(await blob.arrayBuffer()) })
}
