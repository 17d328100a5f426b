import { Clipboard, Crop, FolderOpen, Sparkles, Trash2 } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import type { PatchRecord } from '../../electron/contract/patch.ts'
import { attempt, notify } from '../state/notices.ts'
import { pictureAddress } from '../state/pictures.ts'
import { useProject } from '../state/project.ts'
import { call, useCall } from '../state/queries.ts'
import { Button } from '../ui/controls.tsx'
import { Dialog, DialogFooter } from '../ui/Dialog.tsx'
import { count } from '../ui/text.ts'
import ui from '../ui/ui.module.css'
import { placeClipboard, placeFromFiles } from './add-pictures.ts'
import { GenerateDialog } from './GenerateDialog.tsx'
import css from './gallery.module.css'
import { placePatch } from './lab.ts'
import { RegionDialog } from './RegionDialog.tsx'

/** The patches of the project, and buttons to add more. */
export function Gallery(): ReactNode {
  const { key: project } = useProject()
  const patches = useCall('patch.list', {})
  const [open, setOpen] = useState<'region' | 'generate' | null>(null)
  const [managedPatch, setManaged] = useState<PatchRecord | null>(null)
  return (
    <section className={css['gallery']} aria-label="Patch gallery">
      <header>
        <h2>{patches.data ? count(patches.data.length, 'patch', 'patches') : 'Patches'}</h2>
        <Button onClick={() => void attempt(placeFromFiles)}>
          <FolderOpen size={14} aria-hidden /> File
        </Button>
        <Button onClick={() => void attempt(placeClipboard)}>
          <Clipboard size={14} aria-hidden /> Paste
        </Button>
        <Button onClick={() => setOpen('region')}>
          <Crop size={14} aria-hidden /> Region
        </Button>
        <Button onClick={() => setOpen('generate')}>
          <Sparkles size={14} aria-hidden /> Generate
        </Button>
      </header>
      {patches.error ? (
        <p role="alert">{patches.error.message}</p>
      ) : patches.data?.length === 0 ? (
        <p>
          No patches yet. Add one from a file or the clipboard, cut a region from a photograph, generate one, or choose
          “Use as patch” in the inspector of an atlas.
        </p>
      ) : (
        <ul>
          {patches.data?.map(patch => (
            <li key={patch.id}>
              <button
                type="button"
                title={`${patch.name}: ${patch.width} × ${patch.height}, ${patch.origin}. Right-click or press F2 to rename or remove.`}
                aria-label={`Place ${patch.name}`}
                onClick={() => placePatch(patch.id)}
                onContextMenu={event => {
                  event.preventDefault()
                  setManaged(patch)
                }}
                onKeyDown={event => {
                  if (event.key !== 'F2' && event.key !== 'Delete') return
                  event.preventDefault()
                  setManaged(patch)
                }}
              >
                <img
                  alt=""
                  loading="lazy"
                  draggable={false}
                  src={pictureAddress({ kind: 'patch', project, patch: patch.id })}
                />
                <span>{patch.name.replace(/\.\w{3,4}$/, '')}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
      {open === 'region' && <RegionDialog onClose={() => setOpen(null)} />}
      {open === 'generate' && <GenerateDialog onClose={() => setOpen(null)} />}
      {managedPatch && <Manage patch={managedPatch} onClose={() => setManaged(null)} />}
    </section>
  )
}

function Manage({ patch, onClose }: { readonly patch: PatchRecord; readonly onClose: () => void }): ReactNode {
  const [name, setName] = useState(patch.name)
  const rename = async (): Promise<void> => {
    if (name.trim() !== '' && name !== patch.name) await call('patch.rename', { patch: patch.id, name: name.trim() })
    onClose()
  }
  const remove = async (): Promise<void> => {
    await call('patch.remove', { patch: patch.id })
    notify(`Removed ${patch.name} from the gallery. Compositions and trials with it are kept.`)
    onClose()
  }
  return (
    <Dialog title="Patch" onClose={onClose}>
      <form
        className={css['manage']}
        onSubmit={event => {
          event.preventDefault()
          void attempt(rename)
        }}
      >
        <label>
          Name
          <input className={ui['input']} value={name} maxLength={200} onChange={e => setName(e.target.value)} />
        </label>
        <p>{`${patch.width} × ${patch.height} pixels, ${patch.origin}`}</p>
        <DialogFooter>
          <Button onClick={() => void attempt(remove)}>
            <Trash2 size={14} aria-hidden /> Remove
          </Button>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit">
            Rename
          </Button>
        </DialogFooter>
      </form>
    </Dialog>
  )
}
