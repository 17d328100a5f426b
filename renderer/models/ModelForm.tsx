import { type ReactNode, useState } from 'react'
import type { ModelDescription, ProposedDescription } from '../../electron/contract/models.ts'
import { type Described, endDescription, useDescribedModels } from '../state/models.ts'
import { attempt, notify } from '../state/notices.ts'
import { call, client } from '../state/queries.ts'
import { Button } from '../ui/controls.tsx'
import { Dialog, DialogFooter } from '../ui/Dialog.tsx'
import page from '../ui/page.module.css'
import panel from '../ui/panel.module.css'
import { count, fileName, number } from '../ui/text.ts'
import ui from '../ui/ui.module.css'
import { useBusy } from '../ui/use-busy.ts'
import { faultOf, PREPROCESSINGS, preprocessingOf, testedOf } from './description.ts'
import { ModelTest } from './ModelTest.tsx'
import css from './models.module.css'
import { NumbersField } from './NumbersField.tsx'

/** The description of a model without a sidecar: what its graph says, guesses to be confirmed, and what it predicts with them. */
export function ModelForm(): ReactNode {
  const [model] = useDescribedModels()
  if (model === undefined) return null
  const close = (): void => endDescription(model)
  return (
    <Dialog key={model.file} title={`Describe ${fileName(model.file)}`} wide onClose={close}>
      <Form model={model} onClose={close} />
    </Dialog>
  )
}

interface FormProps {
  readonly model: Described
  readonly onClose: () => void
}

function Form({ model: { file, proposed }, onClose }: FormProps): ReactNode {
  const [description, setDescription] = useState(proposed.description)
  const { busy, problem, run } = useBusy()
  const change = (part: Partial<ModelDescription>): void => setDescription({ ...description, ...part })
  const fault = faultOf(description, proposed.classes)
  const save = async (): Promise<void> => {
    const { name } = await call('models.describe', { file, description })
    await client.invalidateQueries({ queryKey: ['models.list'] })
    notify(`Added ${name}; its description is in a file beside it.`)
    onClose()
  }
  return (
    <>
      <div className={css['describe']}>
        <div>
          <p className={css['lead']}>
            {`Guessed, to be confirmed: ${proposed.unconfirmed.map(fieldName).join(', ') || 'nothing'}. The test shows what the model predicts with the form as it is.`}
          </p>
          <Fields description={description} proposed={proposed} onChange={change} />
        </div>
        <ModelTest file={file} description={testedOf(description, proposed.description)} />
      </div>
      {(fault || problem) && (
        <p role="alert" className={panel['problem']}>
          {problem || fault}
        </p>
      )}
      <DialogFooter>
        <Button onClick={onClose}>Cancel</Button>
        <Button look="primary" disabled={busy || fault !== ''} onClick={() => run(save)}>
          {busy ? 'Adding…' : 'Save and add the model'}
        </Button>
      </DialogFooter>
    </>
  )
}

/** `input.mean` as `mean`. */
const fieldName = (field: string): string => field.replace(/^input\./, '')

interface FieldsProps {
  readonly description: ModelDescription
  readonly proposed: ProposedDescription
  readonly onChange: (part: Partial<ModelDescription>) => void
}

function Fields({ description, proposed, onChange }: FieldsProps): ReactNode {
  const usual = preprocessingOf(description)
  const text = (label: string, field: 'name' | 'license' | 'source'): ReactNode => (
    <label>
      {label}
      <input
        className={ui['input']}
        value={description[field]}
        onChange={event => onChange({ [field]: event.target.value })}
      />
    </label>
  )
  const choice = <F extends 'resize' | 'channels' | 'probabilities'>(
    label: string,
    field: F,
    options: readonly (readonly [value: ModelDescription[F], name: string])[],
  ): ReactNode => (
    <label>
      {label}
      <select
        className={ui['input']}
        value={description[field]}
        onChange={event => onChange({ [field]: options.find(([value]) => value === event.target.value)?.[0] })}
      >
        {options.map(([value, name]) => (
          <option key={value} value={value}>
            {name}
          </option>
        ))}
      </select>
    </label>
  )
  const chooseLabels = async (): Promise<void> => {
    const [labels] = await window.portolan.shell('dialog.open', { kind: 'labels' })
    if (labels !== undefined) onChange(await call('models.readLabels', { file: labels }))
  }
  const [black, white] = description.range
  return (
    <div className={page['form']}>
      {text('Name', 'name')}
      <label>
        Preprocessing
        <select
          className={ui['input']}
          value={usual}
          onChange={event => onChange(PREPROCESSINGS[Number(event.target.value)]?.[1] ?? {})}
        >
          {PREPROCESSINGS.map(([name], k) => (
            <option key={name} value={k}>
              {name}
            </option>
          ))}
          {usual < 0 && <option value={-1}>Custom</option>}
        </select>
      </label>
      <NumbersField
        label="Height and width, pixels"
        value={description.size}
        onChange={([height, width]) => onChange({ size: [height!, width!] })}
      />
      {choice('Resizing', 'resize', [
        ['stretch', 'stretch to the input'],
        ['crop', 'centre crop'],
      ])}
      {choice('Channel order', 'channels', [
        ['RGB', 'RGB'],
        ['BGR', 'BGR'],
      ])}
      <NumbersField
        label="Range, black to white"
        value={[black, white]}
        onChange={([low, high]) => onChange({ range: [low!, high!] })}
      />
      <NumbersField
        label="Mean, subtracted"
        value={description.mean}
        onChange={([a, b, c]) => onChange({ mean: [a!, b!, c!] })}
      />
      <NumbersField
        label="Standard deviation, divided by"
        value={description.std}
        onChange={([a, b, c]) => onChange({ std: [a!, b!, c!] })}
      />
      <label>
        Logits
        <select
          className={ui['input']}
          value={description.logits}
          onChange={event => onChange({ logits: event.target.value })}
        >
          {[...new Set([proposed.description.logits, ...proposed.logits])].map(tensor => (
            <option key={tensor}>{tensor}</option>
          ))}
        </select>
      </label>
      {choice('Probabilities', 'probabilities', [
        ['softmax', 'softmax over all classes'],
        ['sigmoid', 'sigmoid for each class'],
      ])}
      <div className={page['wide']}>
        <p>
          {description.labels === null
            ? `${count(proposed.classes, 'class', 'classes')} without names`
            : `${number(description.labels.length)} of ${number(proposed.classes)} classes named: ${description.labels.slice(0, 3).join('; ')}…`}{' '}
          <Button onClick={() => void attempt(chooseLabels)}>Choose a label file</Button>
        </p>
      </div>
      {text('Licence', 'license')}
      {text('Source', 'source')}
      <details className={page['wide']}>
        <summary>{`${count(description.layers.length, 'layer')}: ${description.layers.map(layer => layer.name).join(', ')}`}</summary>
        <ul className={css['layers']}>
          {description.layers.map((layer, k) => (
            <li key={layer.tensor}>
              <input
                className={ui['input']}
                aria-label={`Name of ${layer.tensor}`}
                value={layer.name}
                onChange={event => {
                  const name = event.target.value
                  if (name !== '') onChange({ layers: description.layers.with(k, { ...layer, name }) })
                }}
              />
              <span>{layer.tensor}</span>
              <Button onClick={() => onChange({ layers: description.layers.filter((_, j) => j !== k) })}>Remove</Button>
            </li>
          ))}
        </ul>
      </details>
    </div>
  )
}
