import { X } from 'lucide-react'
import type { ReactNode } from 'react'
import type { AtlasSummary } from '../../electron/contract/atlas.ts'
import type { FoundSamples } from '../../electron/contract/samples-in-view.ts'
import { pictureAddress } from '../state/pictures.ts'
import { useProject } from '../state/project.ts'
import { toggleSamples, useSamples } from '../state/samples.ts'
import { IconButton, Segments } from '../ui/controls.tsx'
import { count, number } from '../ui/text.ts'
import ui from '../ui/ui.module.css'
import type { SampleLegend } from './sample-colours.ts'
import css from './samples.module.css'

/** Photographs in the list of what was found. */
const LISTED = 10

interface SamplesPanelProps {
  readonly atlas: AtlasSummary
  readonly samples: FoundSamples | undefined
  readonly legend: readonly SampleLegend[]
  readonly onOpen: (sample: number) => void
}

/** The search for samples, what their colours mean, and the first photographs that were found. */
export function SamplesPanel({ atlas, samples, legend, onOpen }: SamplesPanelProps): ReactNode {
  const { key, className } = useProject()
  const { text, colour } = useSamples()
  const shown = samples?.sample.length ?? 0
  return (
    <section className={css['panel']} aria-label="Samples" data-overlay>
      <header>
        <input
          className={ui['input']}
          type="search"
          aria-label="Search samples"
          placeholder="Photograph or class"
          value={text}
          onChange={event => useSamples.setState({ text: event.target.value })}
          onKeyDown={event => event.key === 'Escape' && useSamples.setState({ text: '' })}
        />
        <IconButton label="Hide samples" onClick={toggleSamples}>
          <X size={16} aria-hidden />
        </IconButton>
      </header>
      <Segments
        label="Colour of samples"
        value={colour}
        options={[
          ['class', 'Class', 'The most frequent classes of the photographs in view, by folder or file name'],
          ['verdict', 'Right or wrong', 'Whether the model predicts the class of the photograph'],
          ['confidence', 'Confidence', 'Probability of the predicted class'],
        ]}
        onChange={next => useSamples.setState({ colour: next })}
      />
      <p role="status">
        {samples === undefined
          ? 'Looking for samples…'
          : `${count(samples.total, 'sample')} of ${number(atlas.samples)} in view${shown < samples.total ? `, ${number(shown)} of them shown` : ''}${text.trim() === '' ? '' : ` with “${text.trim()}”`}`}
      </p>
      <ul className={css['legend']}>
        {legend.map(({ text: name, colour: of, count: n }) => (
          <li key={name}>
            <i style={{ background: of }} />
            <span title={name}>{name}</span>
            <b>{number(n)}</b>
          </li>
        ))}
      </ul>
      {samples && text.trim() !== '' && (
        <ol className={css['found']} aria-label="Samples found">
          {[...samples.sample].slice(0, LISTED).map((sample, k) => {
            const label = samples.class[k]! < 0 ? 'no label' : className(samples.class[k]!)
            return (
              <li key={sample}>
                <button
                  type="button"
                  aria-label={`Open sample ${number(sample)}, ${label}`}
                  title={label}
                  onClick={() => onOpen(sample)}
                >
                  <img
                    alt=""
                    src={pictureAddress({ kind: 'photo', project: key, image: samples.image[k]!, box: null, size: 96 })}
                  />
                </button>
              </li>
            )
          })}
        </ol>
      )}
    </section>
  )
}
