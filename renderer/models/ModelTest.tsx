import { type ReactNode, useState } from 'react'
import type { ModelDescription } from '../../electron/contract/models.ts'
import { percentText } from '../patch/class-change.ts'
import { attempt, notifySkipped, refusalText } from '../state/notices.ts'
import { pictureAddress } from '../state/pictures.ts'
import { useProject } from '../state/project.ts'
import { call, client, useCall } from '../state/queries.ts'
import { Button } from '../ui/controls.tsx'
import panel from '../ui/panel.module.css'
import css from './models.module.css'

const SHOWN = 4

/** Predictions with a description that is not saved yet, on photographs whose content the user knows. */
export function ModelTest({
  file,
  description,
}: {
  readonly file: string
  readonly description: ModelDescription
}): ReactNode {
  const { key: project } = useProject()
  const [added, setAdded] = useState<readonly number[]>([])
  const listed = useCall('photograph.list', { text: '', offset: 0, limit: SHOWN })
  const images = [...added, ...(listed.data?.photographs ?? []).filter(p => p.available).map(p => p.id)]
    .filter((id, k, all) => all.indexOf(id) === k)
    .slice(0, SHOWN)
  const test = useCall('models.test', images.length === 0 ? null : { file, description, images })
  const choose = async (): Promise<void> => {
    const files = await window.portolan.shell('dialog.open', { kind: 'photographs' })
    if (files.length === 0) return
    const reply = await call('photograph.add', { files: [...files] })
    await client.invalidateQueries({ queryKey: ['photograph.list'] })
    setAdded([...reply.added.map(({ id }) => id), ...added])
    notifySkipped(reply.refused.map(refusalText))
  }
  return (
    <section className={css['test']} aria-label="Test prediction">
      <div className={panel['between']}>
        <h3 className={panel['label']}>Test prediction</h3>
        <Button onClick={() => void attempt(choose)}>Choose photographs</Button>
      </div>
      <p className={panel['note']} role="status">
        {images.length === 0
          ? 'Choose photographs whose content you know: wrong colours or ranges show in their predictions.'
          : test.isFetching
            ? 'Running the model…'
            : 'Wrong colours or ranges show as unlikely or uniform predictions.'}
      </p>
      {test.error && (
        <p role="alert" className={panel['problem']}>
          {test.error.message}
        </p>
      )}
      <ul>
        {(test.data ?? []).map(({ image, label, top }) => (
          <li key={image}>
            <img alt="" src={pictureAddress({ kind: 'photo', project, image, box: null, size: 128 })} />
            <div>
              {label !== null && <small>{`Labelled ${label}`}</small>}
              {top.map(({ index, name, value }) => (
                <p key={index}>
                  <span title={name}>{name}</span> <output>{percentText(value)}</output>
                </p>
              ))}
            </div>
          </li>
        ))}
      </ul>
    </section>
  )
}
