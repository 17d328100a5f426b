import { type ReactNode, useState } from 'react'
import { reason } from '../../electron/contract/errors.ts'
import { addModel } from '../state/models.ts'
import { attempt } from '../state/notices.ts'
import { call, client, useCall } from '../state/queries.ts'
import { Button, Empty, Failure } from '../ui/controls.tsx'
import page from '../ui/page.module.css'
import { count } from '../ui/text.ts'
import { AccuracySection } from './AccuracySection.tsx'
import { ModelForm } from './ModelForm.tsx'
import css from './models.module.css'
import { Runtimes } from './Runtimes.tsx'

/** File name of the network that comes with Portolan. */
const EMBEDDED = 'inceptionv1-portolan.onnx'

async function addEmbedded(): Promise<void> {
  await call('models.addEmbedded', {})
  await client.invalidateQueries({ queryKey: ['models.list'] })
}

/** The models of the project: layers, operators, preprocessing, licence, checksum, runtimes. */
export function ModelsPage(): ReactNode {
  const models = useCall('models.list', {})
  const [problem, setProblem] = useState('')
  const add = async (): Promise<void> => {
    try {
      const [file] = await window.portolan.shell('dialog.open', { kind: 'model' })
      if (file === undefined) return
      await addModel(file)
      setProblem('')
    } catch (error) {
      setProblem(reason(error))
    }
  }
  if (models.error) return <Failure error={models.error} retry={() => void models.refetch()} />
  if (!models.data) return <Empty title="Loading models…" busy />
  return (
    <div className={page['page']}>
      <div className={page['inner']}>
        <h1>Models</h1>
        <p className={page['lead']}>
          {models.data.length === 0
            ? 'A model is an ONNX image classifier. Its preprocessing is described in a file beside it, NAME.model.json; without that file you describe it in a form.'
            : count(models.data.length, 'model')}
        </p>
        {problem && (
          <p role="alert" style={{ color: 'var(--danger)', marginBottom: 12 }}>
            {problem}
          </p>
        )}
        {models.data.map(model => (
          <article key={model.hash} className={page['card']}>
            <header>
              <h2>{model.name}</h2>
            </header>
            {model.note && (
              <p role="status" style={{ color: 'var(--danger)', marginBottom: 8 }}>
                {model.note}
              </p>
            )}
            <p>{`${model.file} · sha256 ${model.hash.slice(0, 16)}… · ${count(model.classes, 'class', 'classes')} · ${model.license === 'unknown' ? 'licence unknown' : model.license}`}</p>
            <table className={page['table']}>
              <thead>
                <tr>
                  <th>Layer</th>
                  <th>Tensor</th>
                  <th className={page['num']}>Channels</th>
                  <th className={page['num']}>Units</th>
                  <th className={page['num']}>Stride</th>
                  <th className={page['num']}>Receptive field</th>
                </tr>
              </thead>
              <tbody>
                {model.layers.map(layer => (
                  <tr key={layer.name}>
                    <td>{layer.name}</td>
                    <td>{layer.tensor}</td>
                    <td className={page['num']}>{layer.channels}</td>
                    <td className={page['num']}>{`${layer.height} × ${layer.width}`}</td>
                    <td className={page['num']}>{layer.stride}</td>
                    <td className={page['num']}>{`${layer.receptiveField} px`}</td>
                  </tr>
                ))}
              </tbody>
            </table>
            <p style={{ marginTop: 12 }}>{model.preprocessing.map(p => `${p.name} ${p.value}`).join(' · ')}</p>
            <p>{`Operators: ${model.operators.join(', ')}`}</p>
            <AccuracySection model={model.hash} />
            {model.available && <Runtimes model={model.hash} />}
          </article>
        ))}
        <div className={css['actions']}>
          <Button look={models.data.length === 0 ? 'primary' : 'plain'} onClick={() => void add()}>
            Add a model
          </Button>
          {!models.data.some(({ file }) => file.endsWith(EMBEDDED)) && (
            <Button
              title="An InceptionV1 of 1,000 ImageNet classes, with the layers mixed3a to mixed5b"
              onClick={() => void attempt(addEmbedded)}
            >
              Add the embedded model
            </Button>
          )}
        </div>
        <ModelForm />
      </div>
    </div>
  )
}
