import type { ReactNode } from 'react'
import type { PublishedIndex } from '../../electron/contract/published.ts'
import { Button } from '../ui/controls.tsx'
import { TERMS } from '../ui/terms.ts'
import { count } from '../ui/text.ts'
import { copyText } from './clipboard.ts'
import css from './published.module.css'

/** What the page says of itself: title, authors, text, licence, citation; what its maps were made from; credits. */
export function About({ index }: { readonly index: PublishedIndex }): ReactNode {
  const { text, atlases, models, photographs, madeBy } = index
  const paragraphs = text.text.split(/\n{2,}/).filter(part => part.trim() !== '')
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what can be scrolled must be so by keys
    <article className={css['about']} tabIndex={0} aria-label="About this page">
      <div>
        <h2>{text.title}</h2>
        {text.authors && <p className={css['authors']}>{text.authors}</p>}
        {paragraphs.map(paragraph => (
          <p key={paragraph}>{paragraph}</p>
        ))}
        <h3>Maps</h3>
        <p>
          {TERMS.icon} A cell holds samples that are near each other in a two-dimensional layout of their activations at
          one layer.
        </p>
        <dl className={css['facts']}>
          {models.map(model => (
            <div key={model.hash}>
              <dt>Network</dt>
              <dd>{`${model.name}, licence ${model.license}`}</dd>
            </div>
          ))}
          {atlases.map(atlas => (
            <div key={atlas.id}>
              <dt>{atlas.layer}</dt>
              <dd>
                {`${count(atlas.samples, 'sample')} of ${count(atlas.photographs, 'photograph')}, ${atlas.method}, grids ${atlas.grids.map(({ grid }) => `${grid} × ${grid}`).join(', ')}; preset ${atlas.preset}${atlas.start === 'photographs' ? ', icons started from photographs' : ''}, seed ${atlas.seed}`}
              </dd>
            </div>
          ))}
        </dl>
        <p>
          Under a class filter, attributions are stored in 127 steps of the largest magnitude of each class and grid.
        </p>
        {text.license && (
          <>
            <h3>Licence</h3>
            <p>{text.license}</p>
          </>
        )}
        {text.citation && (
          <>
            <h3>Citation</h3>
            <pre>{text.citation}</pre>
            <Button onClick={() => void copyText(text.citation)}>Copy the citation</Button>
          </>
        )}
        {photographs !== null && (
          <>
            <h3>Photographs</h3>
            <ul className={css['credits']}>
              {photographs.map(line => (
                <li key={line}>{line}</li>
              ))}
            </ul>
          </>
        )}
        <p className={css['made']}>{`Made with ${madeBy}.`}</p>
      </div>
    </article>
  )
}
