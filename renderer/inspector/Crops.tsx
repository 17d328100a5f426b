import { useInfiniteQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import type { CellDetail, SampleCrop } from '../../electron/contract/atlas.ts'
import { creditLine } from '../../electron/contract/credit.ts'
import { openPhotograph } from '../state/photograph.ts'
import { useProject } from '../state/project.ts'
import { call } from '../state/queries.ts'
import { show } from '../state/view.ts'
import { photographTitle } from '../ui/Credit.tsx'
import { Button, Segments } from '../ui/controls.tsx'
import { Picture } from '../ui/Picture.tsx'
import panel from '../ui/panel.module.css'
import { number } from '../ui/text.ts'

const PAGE = 24
const clamped = (v: number): number => Math.min(1, Math.max(0, v))

/** The photographs of a cell's samples, nearest first: the receptive field, or the whole photograph with it marked. */
export function Crops({ detail }: { readonly detail: CellDetail }): ReactNode {
  const [view, setView] = useState<'crop' | 'whole'>('crop')
  const first = detail.nearest.length
  const more = useInfiniteQuery({
    queryKey: ['cell.samples', detail.cell, first],
    queryFn: ({ pageParam }) => call('cell.samples', { ...detail.cell, offset: pageParam, limit: PAGE }),
    initialPageParam: first,
    getNextPageParam: (last, pages) =>
      last.length < PAGE ? undefined : first + pages.reduce((sum, p) => sum + p.length, 0),
    enabled: false,
  })
  const all = [...detail.nearest, ...(more.data?.pages.flat() ?? [])]
  const available = all.filter(n => n.available)
  const shown = all.filter(n => n.available || n.changed)
  const { published } = useProject()
  // A published page has the nearest ones only.
  const rest = published === null && (more.data ? more.hasNextPage : all.length < detail.count)
  return (
    <section className={panel['section']} aria-label="Photographs">
      <div className={panel['between']}>
        <h3 className={panel['label']}>{`Photographs, ${number(available.length)} of ${number(detail.count)}`}</h3>
        <Segments
          label="Show"
          value={view}
          options={[
            ['crop', 'Crop', 'The receptive field of the unit'],
            ['whole', 'Whole', 'The photograph, with the receptive field marked'],
          ]}
          onChange={setView}
        />
      </div>
      {shown.length === 0 ? (
        <div className={panel['note']}>
          <p>
            {published === null
              ? 'The photographs of this project were not found on this computer.'
              : 'No photograph of this cell is published.'}
          </p>
          {published === null && <Button onClick={() => show('photographs')}>Relink a folder</Button>}
        </div>
      ) : (
        <ul className={panel['crops']}>
          {shown.map(sample => (
            <Crop key={sample.sample} sample={sample} whole={view === 'whole'} />
          ))}
        </ul>
      )}
      <Authors samples={available} />
      {shown.length > 0 && rest && (
        <div className={panel['more']}>
          <Button disabled={more.isFetching} onClick={() => void (more.data ? more.fetchNextPage() : more.refetch())}>
            {more.isFetching ? 'Loading…' : 'Show more'}
          </Button>
        </div>
      )}
      {more.error && (
        <p role="alert" className={panel['note']}>
          {more.error.message}
        </p>
      )}
    </section>
  )
}

/** Authors and licences of the photographs that are shown, each once. */
export function Authors({ samples }: { readonly samples: readonly SampleCrop[] }): ReactNode {
  const lines = [...new Set(samples.flatMap(({ credit }) => (credit ? [creditLine(credit)] : [])))]
  return (
    lines.length > 0 && (
      <details className={panel['credits']}>
        <summary>{`Authors and licences (${number(lines.length)})`}</summary>
        <ul>
          {lines.map(line => (
            <li key={line} className={panel['credit']}>
              {line}
            </li>
          ))}
        </ul>
      </details>
    )
  )
}

interface CropProps {
  readonly sample: SampleCrop
  readonly whole: boolean
}

/** One photograph, which opens large. */
export function Crop({ sample, whole }: CropProps): ReactNode {
  const { key, published } = useProject()
  const { left, top, right, bottom } = sample.box
  const box = { left: clamped(left), top: clamped(top), right: clamped(right), bottom: clamped(bottom) }
  const picture = { kind: 'photo', project: key, image: sample.image, box: whole ? null : box, size: 192 } as const
  const title = `${photographTitle(sample.file, sample.credit)}\ndistance ${sample.distance.toFixed(2)}`
  const field = whole && (
    <i
      style={{
        left: `${box.left * 100}%`,
        top: `${box.top * 100}%`,
        width: `${(box.right - box.left) * 100}%`,
        height: `${(box.bottom - box.top) * 100}%`,
      }}
    />
  )
  // The present file is not shown: it is not the one that was sampled.
  if (sample.changed)
    return (
      <li
        className={panel['crop']}
        title={`${sample.file} has changed since it was sampled; restore the file or rebuild the atlas`}
      >
        <span>changed since sampling</span>
      </li>
    )
  return (
    <li className={panel['crop']}>
      {published === null ? (
        <button
          type="button"
          title={title}
          onClick={() => openPhotograph(sample.image, { u: sample.u, v: sample.v, box: sample.box })}
        >
          <Picture picture={picture} alt={`Open ${sample.file}`} loading="lazy" />
          {field}
        </button>
      ) : (
        <div title={title}>
          <Picture picture={picture} alt={sample.file} loading="lazy" />
          {field}
        </div>
      )}
    </li>
  )
}
