import { type CSSProperties, type ReactNode, useState } from 'react'
import type { Photograph } from '../../electron/contract/project.ts'
import { enter, setPhotograph } from '../patch/lab.ts'
import { showImage } from '../state/image.ts'
import { closePhotograph, useOpenedPhotograph } from '../state/photograph.ts'
import { pictureAddress } from '../state/pictures.ts'
import { useProject } from '../state/project.ts'
import { useCall } from '../state/queries.ts'
import { show } from '../state/view.ts'
import { Credit } from '../ui/Credit.tsx'
import { Bars, Button } from '../ui/controls.tsx'
import { Dialog, DialogFooter } from '../ui/Dialog.tsx'
import { fileName } from '../ui/text.ts'
import css from './photograph.module.css'

const PREDICTIONS = 5

/** The photograph that is open: large, with its label, the model's predictions, and the place of the unit. */
export function PhotographDialog(): ReactNode {
  const { opened } = useOpenedPhotograph()
  const photograph = useCall('photograph.get', opened && { image: opened.image })
  if (opened === null) return null
  return (
    <Dialog title={photograph.data ? fileName(photograph.data.file) : 'Photograph'} wide onClose={closePhotograph}>
      {photograph.error ? (
        <p role="alert">{photograph.error.message}</p>
      ) : photograph.data ? (
        <Opened photograph={photograph.data} />
      ) : (
        <p role="status">Loading the photograph…</p>
      )}
    </Dialog>
  )
}

function Opened({ photograph }: { readonly photograph: Photograph }): ReactNode {
  const { key, model, className } = useProject()
  const unit = useOpenedPhotograph(state => state.opened?.unit ?? null)
  const [marked, setMarked] = useState(true)
  const predictions = useCall(
    'photograph.predict',
    model ? { model: model.hash, image: photograph.id, limit: PREDICTIONS } : null,
  )
  const known = photograph.class === null ? 'no label' : `labelled ${className(photograph.class)}`
  const first = predictions.data?.probabilities[0]?.index
  const verdict =
    photograph.class === null || first === undefined
      ? ''
      : first === photograph.class
        ? ', predicted correctly'
        : ', predicted otherwise'
  const part = ({ left, top, right, bottom }: NonNullable<typeof unit>['box']): CSSProperties => {
    const within = (value: number): number => 100 * Math.min(1, Math.max(0, value))
    return {
      left: `${within(left)}%`,
      top: `${within(top)}%`,
      width: `${within(right) - within(left)}%`,
      height: `${within(bottom) - within(top)}%`,
    }
  }
  return (
    <>
      <div className={css['view']}>
        <figure className={css['figure']}>
          <div className={css['frame']}>
            <img
              alt={photograph.file}
              src={pictureAddress({ kind: 'photo', project: key, image: photograph.id, box: null, size: 1024 })}
            />
            {unit && marked && (
              <>
                <i className={css['field']} style={part(unit.box)} />
                <i className={css['unit']} style={{ left: `${100 * unit.u}%`, top: `${100 * unit.v}%` }} />
              </>
            )}
          </div>
        </figure>
        <section aria-label="Predictions" className={css['facts']}>
          <p>{`${photograph.width} × ${photograph.height} pixels, ${known}${verdict}`}</p>
          {predictions.error && <p role="alert">{predictions.error.message}</p>}
          <Bars
            bars={(predictions.data?.probabilities ?? []).map(({ index, value }) => ({
              key: index,
              name: className(index),
              value,
            }))}
            colour="var(--accent)"
            format={value => `${(100 * value).toFixed(1)} %`}
          />
          {unit && (
            <label>
              <input type="checkbox" checked={marked} onChange={event => setMarked(event.target.checked)} /> Mark the
              unit and its receptive field
            </label>
          )}
          {unit && (
            <small>
              The frame is the nominal receptive field. The unit responds mostly to its middle, around the dot: in late
              layers the frame is the whole photograph.
            </small>
          )}
          <Credit credit={photograph.credit} />
        </section>
      </div>
      <DialogFooter>
        <Button
          onClick={() => {
            closePhotograph()
            showImage(photograph)
          }}
        >
          Open in Image
        </Button>
        <Button
          onClick={() => {
            closePhotograph()
            enter(key)
            setPhotograph(photograph.id)
            show('patch')
          }}
        >
          Open in Patch lab
        </Button>
        <Button look="primary" onClick={closePhotograph}>
          Close
        </Button>
      </DialogFooter>
    </>
  )
}
