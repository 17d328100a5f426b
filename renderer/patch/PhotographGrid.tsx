import { type ReactNode, useDeferredValue, useState } from 'react'
import type { Photograph } from '../../electron/contract/project.ts'
import { ClassChooser } from '../compare/ClassChooser.tsx'
import { pictureAddress } from '../state/pictures.ts'
import { useProject } from '../state/project.ts'
import { useCall } from '../state/queries.ts'
import { photographTitle } from '../ui/Credit.tsx'
import { Button } from '../ui/controls.tsx'
import { fileName, number } from '../ui/text.ts'
import ui from '../ui/ui.module.css'
import css from './photographs.module.css'
import { useLabModel } from './use-lab.ts'

const PAGE = 60

/** Photographs of the project, searched by file name or label. */
export function PhotographGrid({ onPick }: { readonly onPick: (photograph: Photograph) => void }): ReactNode {
  const { key: project } = useProject()
  const { model, classes } = useLabModel()
  const [text, setText] = useState('')
  const [index, setIndex] = useState<number | null>(null)
  const [pages, setPages] = useState(1)
  const query = useDeferredValue(text)
  const named = useCall('photograph.list', index === null ? { text: query, offset: 0, limit: PAGE * pages } : null)
  const labelled = useCall(
    'classes.photographs',
    index === null || !model ? null : { model: model.hash, index, offset: 0, limit: Math.min(500, PAGE * pages) },
  )
  const results = index === null ? named : labelled
  const { data } = results
  return (
    <div className={css['chooser']}>
      <div className={css['search']}>
        <input
          className={ui['input']}
          type="search"
          placeholder="File name"
          aria-label="Search photographs"
          value={text}
          onChange={e => {
            setText(e.target.value)
            setIndex(null)
          }}
        />
        <ClassChooser label="Labelled as" classes={classes} value={index} onChange={setIndex} />
        {index !== null && <Button onClick={() => setIndex(null)}>All classes</Button>}
      </div>
      {results.error ? (
        <p role="alert">{results.error.message}</p>
      ) : (
        <p role="status">
          {data ? `${number(data.photographs.length)} of ${number(data.total)} photographs` : 'Loading…'}
        </p>
      )}
      <div className={css['grid']}>
        {data?.photographs.map(one => (
          <button
            key={one.id}
            type="button"
            title={photographTitle(one.file, one.credit)}
            disabled={!one.available}
            onClick={() => onPick(one)}
          >
            <img
              loading="lazy"
              alt={fileName(one.file)}
              src={pictureAddress({ kind: 'photo', project, image: one.id, box: null, size: 128 })}
            />
          </button>
        ))}
      </div>
      {data && data.photographs.length < Math.min(500, data.total) && (
        <Button onClick={() => setPages(Math.min(8, pages * 2))}>Show more</Button>
      )}
    </div>
  )
}
