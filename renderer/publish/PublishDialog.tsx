import { type ReactNode, useEffect, useState } from 'react'
import type { Output } from '../../electron/contract/calls.ts'
import type { Progress as Reported } from '../../electron/contract/progress.ts'
import { type PublishChoice, photographsWarning } from '../../electron/contract/published.ts'
import { notify } from '../state/notices.ts'
import { useProject } from '../state/project.ts'
import { call, on, useCall } from '../state/queries.ts'
import { Button, Progress } from '../ui/controls.tsx'
import { Dialog, DialogFooter } from '../ui/Dialog.tsx'
import page from '../ui/page.module.css'
import panel from '../ui/panel.module.css'
import { bytes, count } from '../ui/text.ts'
import ui from '../ui/ui.module.css'
import { useBusy } from '../ui/use-busy.ts'
import { AtlasChoice } from './AtlasChoice.tsx'
import css from './publish.module.css'
import { readText, saveText } from './saved-text.ts'

const FIELDS = [
  ['title', 'Title'],
  ['authors', 'Authors'],
  ['license', 'Licence'],
  ['citation', 'Citation'],
] as const

/** The size of a page, and the choice that it is of. */
interface Estimated {
  readonly key: string
  readonly size: Output<'publish.estimate'>
}

/** Writes atlases of the project as a web page, with its size known before. */
export function PublishDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const { summary, atlases } = useProject()
  const { data: all } = useCall('classAtlas.list', {})
  const ofClasses = all?.filter(({ stage, from }) => stage === 'refined' && from !== null) ?? []
  const [text, setText] = useState(() => readText(summary.key, summary.name))
  const [left, setLeft] = useState<ReadonlySet<number>>(new Set())
  const [photographs, setPhotographs] = useState(false)
  const [estimated, setEstimated] = useState<Estimated | null>(null)
  const [writing, setWriting] = useState(false)
  const [progress, setProgress] = useState<Reported | null>(null)
  const { busy, problem, run } = useBusy()
  useEffect(() => on('publish.progress', setProgress), [])
  const kept = atlases.filter(({ id }) => !left.has(id)).map(({ id }) => id)
  const choice: PublishChoice = {
    atlases: kept,
    classAtlases: ofClasses.filter(({ id, from }) => !left.has(id) && kept.includes(from!)).map(({ id }) => id),
    photographs,
  }
  const ready = kept.length > 0 && text.title.trim() !== ''
  // It may arrive after the choice was changed.
  const key = JSON.stringify(choice)
  const estimate = estimated?.key === key ? estimated.size : null
  const start = (writes: boolean, work: () => Promise<void>): void => {
    setWriting(writes)
    setProgress(null)
    run(work)
  }
  const measure = async (): Promise<void> => setEstimated({ key, size: await call('publish.estimate', choice) })
  const write = async (): Promise<void> => {
    const folder = await window.portolan.shell('dialog.save', { kind: 'page', suggested: `${summary.name}-page` })
    if (folder === null) return
    saveText(summary.key, text)
    const written = await call('publish.write', { choice, text, folder })
    notify(
      `Published to ${folder}: ${bytes(written.bytes)} in ${count(written.files, 'file')}. Open its index.html, or copy the folder to a web server.`,
    )
    onClose()
  }
  const close = (): void => {
    if (busy && writing) void call('publish.cancel', {})
    onClose()
  }
  return (
    <Dialog title="Publish as a web page" wide onClose={close}>
      <div className={css['columns']}>
        <div className={page['form']}>
          {FIELDS.map(([field, name]) => (
            <label key={field}>
              {name}
              <input
                className={ui['input']}
                value={text[field]}
                onChange={event => setText({ ...text, [field]: event.target.value })}
              />
            </label>
          ))}
          <label className={`${css['text']} ${page['wide']}`}>
            Text
            <textarea rows={5} value={text.text} onChange={event => setText({ ...text, text: event.target.value })} />
          </label>
        </div>
        <div>
          <AtlasChoice atlases={atlases} classAtlases={ofClasses} left={left} onChange={setLeft} />
          <label className={css['check']}>
            <input type="checkbox" checked={photographs} onChange={event => setPhotographs(event.target.checked)} />
            Include photographs of each cell
          </label>
          {photographs && (
            <p className={css['warning']} role="alert">
              {photographsWarning}
              {estimate && estimate.uncredited > 0
                ? ` Without a line in an ATTRIBUTION.csv: ${count(estimate.uncredited, 'photograph')}.`
                : ''}
            </p>
          )}
          <p className={panel['note']} role="status">
            {estimate
              ? `About ${bytes(estimate.bytes)}: ${estimate.parts.map(part => `${part.name} ${bytes(part.bytes)}`).join(', ')}.`
              : 'The page is a folder that any web server shows, or a double click on its index.html.'}
          </p>
        </div>
      </div>
      {busy && writing && progress && (
        <Progress
          done={progress.done}
          total={progress.total}
          label={`Publishing: ${progress.done} of ${progress.total}`}
        />
      )}
      {problem && (
        <p role="alert" className={panel['problem']}>
          {problem}
        </p>
      )}
      <DialogFooter>
        <Button disabled={!ready || busy} onClick={() => start(false, measure)}>
          {busy && !writing ? 'Estimating…' : 'Estimate the size'}
        </Button>
        <Button onClick={close}>Cancel</Button>
        <Button look="primary" disabled={!ready || busy} onClick={() => start(true, write)}>
          {busy && writing ? 'Publishing…' : 'Publish'}
        </Button>
      </DialogFooter>
    </Dialog>
  )
}
