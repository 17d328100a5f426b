import { useInfiniteQuery } from '@tanstack/react-query'
import { type ReactNode, useDeferredValue } from 'react'
import { create } from 'zustand'
import { chooseImage, showImage, useImage } from '../state/image.ts'
import { attempt, notifySkipped, refusalText } from '../state/notices.ts'
import { pictureAddress } from '../state/pictures.ts'
import { useProject } from '../state/project.ts'
import { call } from '../state/queries.ts'
import { photographTitle } from '../ui/Credit.tsx'
import { Button, Empty, Failure } from '../ui/controls.tsx'
import page from '../ui/page.module.css'
import panel from '../ui/panel.module.css'
import { count, number } from '../ui/text.ts'
import ui from '../ui/ui.module.css'
import { Photo } from './Photo.tsx'

const PAGE = 60
/** The search text, kept while another view is shown. */
const useSearch = create<{ readonly text: string }>(() => ({ text: '' }))

async function addPhotographs(): Promise<void> {
  const files = await window.portolan.shell('dialog.open', { kind: 'photographs' })
  if (files.length === 0) return
  const { added, refused } = await call('photograph.add', { files: [...files] })
  if (added[0]) showImage(added[0])
  notifySkipped(refused.map(refusalText))
}

/** One photograph: its predictions, and its activation grid at a layer. */
export function ImagePage(): ReactNode {
  const { key: project, model } = useProject()
  const { text } = useSearch()
  const query = useDeferredValue(text)
  const list = useInfiniteQuery({
    queryKey: ['photograph.list', query],
    queryFn: ({ pageParam }) => call('photograph.list', { text: query, offset: pageParam, limit: PAGE }),
    initialPageParam: 0,
    getNextPageParam: (last, pages) => {
      const loaded = pages.reduce((sum, p) => sum + p.photographs.length, 0)
      return loaded < last.total && last.photographs.length > 0 ? loaded : undefined
    },
  })
  const photographs = list.data?.pages.flatMap(p => p.photographs) ?? []
  const total = list.data?.pages[0]?.total ?? 0
  const chosen = useImage(state => state.image)
  const image = chosen ?? photographs[0] ?? null
  if (list.error) return <Failure error={list.error} retry={() => void list.refetch()} />
  if (!model)
    return (
      <Empty title="No model yet">
        <p>Add a model to see its predictions and activations.</p>
      </Empty>
    )
  return (
    <div className={page['split']}>
      <nav className={page['rail']} aria-label="Photographs">
        <input
          className={ui['input']}
          type="search"
          placeholder="File name"
          aria-label="Search photographs"
          value={text}
          onChange={e => useSearch.setState({ text: e.target.value })}
        />
        <div className={page['results']}>
          <span className={panel['note']}>
            {list.data ? `${number(photographs.length)} of ${count(total, 'photograph')}` : 'Loading…'}
          </span>
          <Button onClick={() => void attempt(addPhotographs)}>Add</Button>
        </div>
        <div className={page['thumbs']}>
          {photographs.map(p => (
            <button
              key={p.id}
              type="button"
              aria-pressed={p.id === image?.id}
              title={photographTitle(p.file, p.credit)}
              onClick={() => chooseImage(p)}
            >
              <img
                loading="lazy"
                alt={p.file}
                src={pictureAddress({ kind: 'photo', project, image: p.id, box: null, size: 128 })}
              />
            </button>
          ))}
        </div>
        {list.hasNextPage && (
          <div className={panel['more']}>
            <Button disabled={list.isFetching} onClick={() => void list.fetchNextPage()}>
              {list.isFetching ? 'Loading…' : 'Show more'}
            </Button>
          </div>
        )}
      </nav>
      {image ? (
        <Photo key={image.id} image={image} model={model} />
      ) : (
        <Empty title={list.data ? 'No photographs' : 'Loading…'} busy={!list.data}>
          {list.data && <p>Drop photographs on the window, or add a folder on the Photographs page.</p>}
        </Empty>
      )}
    </div>
  )
}
