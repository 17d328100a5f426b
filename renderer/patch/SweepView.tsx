import { Trash2 } from 'lucide-react'
import { type ReactNode, useCallback, useMemo, useState } from 'react'
import { lookText, placementAt } from '../../electron/contract/placement.ts'
import type { Sweep } from '../../electron/contract/sweep.ts'
import { css as cssOf } from '../atlas/colours.ts'
import { stemOf, valuesOf } from '../export/tables.ts'
import { JobBar } from '../jobs/JobBar.tsx'
import { useJobOf, useReloaded } from '../jobs/use-job.ts'
import { openDialog } from '../state/dialogs.ts'
import { useExportable } from '../state/exportable.ts'
import { attempt } from '../state/notices.ts'
import { pictureAddress } from '../state/pictures.ts'
import { useProject } from '../state/project.ts'
import { call, client, useCall } from '../state/queries.ts'
import { Button, Empty, Failure, IconButton } from '../ui/controls.tsx'
import { number } from '../ui/text.ts'
import { Curves } from './Curves.tsx'
import { probabilityColour, winnerColours } from './colours.ts'
import { placeText } from './geometry.ts'
import { HeatMap } from './HeatMap.tsx'
import { change, openComposition } from './lab.ts'
import page from './lab-page.module.css'
import css from './sweep.module.css'
import { type At, indexOf, placeOf, sentenceOf, strongestAt } from './sweep-grid.ts'
import { inputRegionOf, useModel, usePatches } from './use-lab.ts'

/** The results of a sweep so far. */
export function SweepView({ id }: { readonly id: number }): ReactNode {
  const sweep = useCall('sweep.get', { sweep: id })
  const job = useJobOf('sweep', id)
  useReloaded(job, ['sweep.get'])
  const remove = async (): Promise<void> => {
    await call('sweep.remove', { sweep: id })
    await client.invalidateQueries({ queryKey: ['sweep.list'] })
    change({ sweep: null })
  }
  if (sweep.error) return <Failure error={sweep.error} retry={() => void sweep.refetch()} />
  if (!sweep.data) return <Empty title="Loading the sweep…" busy />
  return (
    <div className={page['main']}>
      <JobBar job={job} />
      <SweepResult sweep={sweep.data} onRemove={() => void attempt(remove)} />
    </div>
  )
}

function SweepResult({ sweep, onRemove }: { readonly sweep: Sweep; readonly onRemove: () => void }): ReactNode {
  const { key: project } = useProject()
  const { plan } = sweep
  const { model, className } = useModel(plan.model)
  const patches = usePatches([plan.patch])
  const photograph = useCall('photograph.get', { image: plan.image })
  const [chosen, setChosen] = useState<At | null>(null)
  const at = chosen ?? strongestAt(sweep) ?? { size: 0, position: 0 }
  const colours = useMemo(() => winnerColours(sweep.winner, plan.source, plan.target), [sweep, plan])
  const probability = useCallback(
    (k: number) => (sweep.winner[k]! < 0 ? null : probabilityColour(sweep.targetProbability[k]!)),
    [sweep],
  )
  const topClass = useCallback(
    (k: number) => (sweep.winner[k]! < 0 ? null : colours.of(sweep.winner[k]!)),
    [sweep, colours],
  )
  const description = sentenceOf(sweep, at, className)
  const record = patches.get(plan.patch)
  const name = stemOf(`sweep ${className(plan.source)} to ${className(plan.target)}`)
  const figure = { kind: 'sweep', sweep: sweep.id, followed: at.position } as const
  useExportable(sweep.done > 0 ? { name, figure, tables: [valuesOf(name, figure)] } : null)
  const open = (): void => {
    if (!record || !photograph.data || !model) return
    const { patch, look } = plan
    const place = placeOf(plan.positions, at.position)
    const size = plan.sizes[at.size]!
    const placed = placementAt({ patch, look, size, place }, record, inputRegionOf(photograph.data, model))
    openComposition(
      { image: plan.image, patches: [placed] },
      { model: plan.model, source: plan.source, target: plan.target },
    )
  }
  return (
    <>
      <header className={page['title']}>
        <h1>
          {className(plan.source)} → {className(plan.target)}
        </h1>
        <span>{`${number(sweep.done)} of ${number(sweep.total)} compositions of ${record?.name ?? 'a patch'}`}</span>
        <span>{`Look: ${lookText(plan.look)}`}</span>
        <Button disabled={sweep.done === 0} onClick={() => openDialog('export')}>
          Export
        </Button>
        <IconButton label="Remove sweep" onClick={onRemove}>
          <Trash2 size={16} aria-hidden />
        </IconButton>
      </header>
      <p className={css['description']} role="status">
        {description}
        <Button disabled={!record || !photograph.data} onClick={open}>
          Open in the editor
        </Button>
      </p>
      <div className={css['maps']}>
        <figure className={css['map']}>
          <figcaption>{`Positions at size ${Math.round(plan.sizes[at.size]! * 100)} %`}</figcaption>
          <div className={css['places']}>
            <img alt="" src={pictureAddress({ kind: 'photo', project, image: plan.image, box: null, size: 448 })} />
            {Array.from({ length: plan.positions ** 2 }, (_, position) => {
              const k = indexOf(sweep, { size: at.size, position })
              const place = placeOf(plan.positions, position)
              const colour = probability(k)
              return (
                <button
                  // biome-ignore lint/suspicious/noArrayIndexKey: a position is its number
                  key={position}
                  type="button"
                  aria-pressed={position === at.position}
                  aria-label={`${placeText(place)}, row ${Math.floor(position / plan.positions)}, column ${position % plan.positions}`}
                  title={sentenceOf(sweep, { size: at.size, position }, className)}
                  style={{
                    left: `${4 + 92 * place.x}%`,
                    top: `${4 + 92 * place.y}%`,
                    background: colour ? cssOf(colour) : 'transparent',
                    borderColor: colour ? cssOf(colours.of(sweep.winner[k]!)) : undefined,
                  }}
                  onClick={() => setChosen({ size: at.size, position })}
                />
              )
            })}
          </div>
        </figure>
        <HeatMap
          title={`Probability of ${className(plan.target)}`}
          sweep={sweep}
          colour={probability}
          at={at}
          onAt={setChosen}
          description={description}
        />
        <HeatMap
          title="Top-1 class"
          sweep={sweep}
          colour={topClass}
          at={at}
          onAt={setChosen}
          description={description}
        />
      </div>
      <ul className={css['legend']} aria-label="Top-1 classes">
        {colours.legend.slice(0, 8).map(({ index, count, colour }) => (
          <li key={index}>
            <i style={{ background: cssOf(colour) }} aria-hidden />
            {className(index)} <small>{number(count)}</small>
          </li>
        ))}
        <li className={css['ramp']}>
          <span>0</span>
          <i
            aria-hidden
            style={{
              background: `linear-gradient(to right, ${[0, 0.35, 0.7, 1].map(s => cssOf(probabilityColour(s))).join()})`,
            }}
          />
          <span>100 %</span>
        </li>
        <li>
          <i className={css['stroke']} aria-hidden /> change of the top-1 class
        </li>
      </ul>
      <Curves sweep={sweep} position={at.position} size={at.size} colours={colours} className={className} />
    </>
  )
}
