import { useInfiniteQuery } from '@tanstack/react-query'
import { Check, X } from 'lucide-react'
import type { ReactNode } from 'react'
import { showImage } from '../state/image.ts'
import { pictureAddress } from '../state/pictures.ts'
import { useProject } from '../state/project.ts'
import { call } from '../state/queries.ts'
import { change, useView } from '../state/view.ts'
import { Button, IconButton } from '../ui/controls.tsx'
import { count, number } from '../ui/text.ts'
import css from './class-photographs.module.css'

const PAGE = 24

/** The project's photographs of the class added last to the filter, each with the model's prediction. */
export function ClassPhotographs(): ReactNode {
  const { key, model, className, classes } = useProject()
  const filter = useView(state => state.panes.find(p => p.id === state.active)?.filter)
  const index = filter?.classes.at(-1)
  const expected = index === undefined ? 0 : (classes[index]?.photographs ?? 0)
  const photographs = useInfiniteQuery({
    queryKey: ['classes.photographs', model?.hash, index],
    queryFn: ({ pageParam }) =>
      call('classes.photographs', { model: model!.hash, index: index!, offset: pageParam, limit: PAGE }),
    initialPageParam: 0,
    getNextPageParam: (last, pages) => {
      const loaded = pages.reduce((sum, p) => sum + p.photographs.length, 0)
      return loaded < last.total && last.photographs.length > 0 ? loaded : undefined
    },
    enabled: model !== undefined && index !== undefined && expected > 0,
  })
  if (index === undefined || !model) return null
  const name = className(index)
  const shown = photographs.data?.pages.flatMap(p => p.photographs) ?? []
  const total = photographs.data?.pages[0]?.total ?? expected
  return (
    <section className={css['strip']} aria-label={`Photographs of ${name}`}>
      <header>
        <h2>{name}</h2>
        <span role="status">
          {expected === 0
            ? 'The project has no photograph of this class.'
            : photographs.error
              ? photographs.error.message
              : `${number(shown.length)} of ${count(total, 'photograph')}, with the model’s predictions`}
        </span>
        {photographs.hasNextPage && (
          <Button disabled={photographs.isFetching} onClick={() => void photographs.fetchNextPage()}>
            {photographs.isFetching ? 'Loading…' : 'Show more'}
          </Button>
        )}
        <IconButton label="Close photographs" onClick={() => change({ photographsOpen: false })}>
          <X size={16} aria-hidden />
        </IconButton>
      </header>
      <ul>
        {shown.map(photo => {
          const first = photo.predictions?.[0]
          const correct = first?.index === index
          return (
            <li key={photo.id}>
              <button type="button" title={photo.file} onClick={() => showImage(photo)}>
                {photo.available ? (
                  <img
                    loading="lazy"
                    alt={`${name}: ${photo.file}`}
                    src={pictureAddress({ kind: 'photo', project: key, image: photo.id, box: null, size: 192 })}
                  />
                ) : (
                  <i>{photo.changed ? 'changed since sampling' : 'file missing'}</i>
                )}
                <span data-correct={correct}>
                  {correct && <Check size={12} aria-label="correct" />}
                  <b>{first ? className(first.index) : 'not classified'}</b>
                  {first && <small>{`${Math.round(100 * first.value)} %`}</small>}
                </span>
              </button>
            </li>
          )
        })}
      </ul>
    </section>
  )
}
