import { FileQuestionMark, Map as MapIcon, X } from 'lucide-react'
import { type ReactNode, useEffect, useState } from 'react'
import type { ShellOutput } from '../../electron/contract/shell.ts'
import { useCall } from '../state/queries.ts'
import { IconButton } from '../ui/controls.tsx'
import { bytes, count } from '../ui/text.ts'

interface RecentProjectProps {
  readonly project: ShellOutput<'app.recent'>[number]
  readonly onOpen: () => void
  readonly onForget: () => void
}

/** More layers are counted. */
const MOST_LAYERS = 4

const dateText = (time: number): string =>
  new Date(time).toLocaleDateString('en-GB', { day: 'numeric', month: 'short', year: 'numeric' })

/** A project that was open before: its picture, model, layers and size, and when it was opened. */
export function RecentProject({ project, onOpen, onForget }: RecentProjectProps): ReactNode {
  const { file, name, opened, exists } = project
  const { data, error } = useCall('project.preview', exists ? { file } : null)
  const picture = useBlobAddress(data?.picture ?? null)
  const layers = data?.layers ?? []
  const facts = [
    data?.models.join(', '),
    layers.length > MOST_LAYERS ? count(layers.length, 'layer') : layers.join(', '),
    data && bytes(data.bytes),
  ].filter(Boolean)
  return (
    <li>
      <button type="button" disabled={!exists} title={error ? `${file}\n${error.message}` : file} onClick={onOpen}>
        {picture ? (
          <img src={picture} alt="" />
        ) : (
          <i aria-hidden>{exists ? <MapIcon size={20} /> : <FileQuestionMark size={20} />}</i>
        )}
        <span>
          <strong>{name}</strong>
          <small>{exists ? (error ? 'cannot be read' : facts.join(' · ')) : 'file not found'}</small>
          <small>{exists ? `opened ${dateText(opened)}` : file}</small>
        </span>
      </button>
      <IconButton label={`Remove ${name} from the list`} onClick={onForget}>
        <X size={16} aria-hidden />
      </IconButton>
    </li>
  )
}

/** An address of bytes while they are shown. */
function useBlobAddress(picture: Uint8Array | null): string | null {
  const [address, setAddress] = useState<string | null>(null)
  useEffect(() => {
    if (picture === null) return setAddress(null)
    const made = URL.createObjectURL(new Blob([picture as BlobPart], { type: 'image/webp' }))
    setAddress(made)
    return () => URL.revokeObjectURL(made)
  }, [picture])
  return address
}
