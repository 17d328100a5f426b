import type { ReactNode } from 'react'
import type { Rate } from '../../electron/contract/experiment-result.ts'
import { useModel } from '../patch/use-lab.ts'
import { attempt } from '../state/notices.ts'
import { call, client, useCall } from '../state/queries.ts'
import { Button } from '../ui/controls.tsx'
import page from '../ui/page.module.css'
import { count, number } from '../ui/text.ts'

/** Pairs that are shown at first. */
const SHOWN = 8

/** `612 of 1,000, 61.2 % (95 % interval 58.1 to 64.2 %)`. */
const rateText = ({ count: hits, of, share }: Rate): string => {
  const percent = (value: number): string => (100 * value).toFixed(1)
  return `${number(hits)} of ${number(of)}, ${percent(share.value)} % (95 % interval ${percent(share.low)} to ${percent(share.high)} %)`
}

/** Accuracy of a model on the labelled photographs of the project, and the classes that it confuses most. */
export function AccuracySection({ model }: { readonly model: string }): ReactNode {
  const { data } = useCall('models.accuracy', { model })
  const { className } = useModel(model)
  if (data === undefined) return null
  const { labelled, known, classes, top1, top5, confused } = data
  const evaluate = async (): Promise<void> => {
    await call('models.evaluate', { model })
    await client.invalidateQueries({ queryKey: ['jobs.list'] })
  }
  return (
    <section aria-label="Accuracy">
      <header style={{ marginTop: 'var(--s4)' }}>
        <h2>Accuracy on labelled photographs</h2>
        {known < labelled && (
          <Button onClick={() => void attempt(evaluate)}>
            {known === 0 ? 'Measure' : `Measure the other ${number(labelled - known)}`}
          </Button>
        )}
      </header>
      {labelled === 0 ? (
        <p>
          No photograph of this project is labelled: a label is the name of its folder, or a synset at the start of its
          file name.
        </p>
      ) : known === 0 ? (
        <p>{`${count(labelled, 'labelled photograph')}, not classified yet.`}</p>
      ) : (
        <>
          <p>{`Top 1: ${rateText(top1)}`}</p>
          <p>{`Top 5: ${rateText(top5)}`}</p>
          <p>
            {`Known for ${number(known)} of ${count(labelled, 'labelled photograph')} in ${count(classes, 'class', 'classes')}.`}
          </p>
          {confused.length > 0 && (
            <table className={page['table']}>
              <thead>
                <tr>
                  <th scope="col">Label</th>
                  <th scope="col">Predicted as</th>
                  <th scope="col" className={page['num']}>
                    Photographs
                  </th>
                </tr>
              </thead>
              <tbody>
                {confused.slice(0, SHOWN).map(({ actual, predicted, photographs, of }) => (
                  <tr key={`${actual} ${predicted}`}>
                    <td>{className(actual)}</td>
                    <td>{className(predicted)}</td>
                    <td className={page['num']}>{`${number(photographs)} of ${number(of)}`}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
        </>
      )}
    </section>
  )
}
