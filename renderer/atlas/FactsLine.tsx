import { Info } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { IconButton } from '../ui/controls.tsx'
import { capitalised } from '../ui/text.ts'
import css from './pane-foot.module.css'

/** Something that is known of a map. */
export interface Fact {
  readonly text: string
  /** What it means, and where it comes from. */
  readonly meaning: string
}

/**
 * The line below a map, of the same height in all panes, so that linked maps stay aligned; what a narrow pane has no room for is
 * in the list that its button opens.
 */
export function FactsLine({ facts }: { readonly facts: readonly Fact[] }): ReactNode {
  const [open, setOpen] = useState(false)
  return (
    <footer className={css['foot']}>
      <div className={css['line']}>
        {facts.map(({ text, meaning }) => (
          <span key={text} title={meaning}>
            {text}
          </span>
        ))}
      </div>
      {facts.length > 0 && (
        <IconButton
          label="About this map"
          aria-expanded={open}
          pressed={open}
          onClick={() => setOpen(!open)}
          onKeyDown={event => event.key === 'Escape' && setOpen(false)}
        >
          <Info size={15} aria-hidden />
        </IconButton>
      )}
      {open && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what can be scrolled must be so by keys.
        <section className={css['facts']} aria-label="About this map" data-overlay tabIndex={0}>
          <dl>
            {facts.map(({ text, meaning }) => (
              <div key={text}>
                <dt>{capitalised(text)}</dt>
                <dd>{meaning}</dd>
              </div>
            ))}
          </dl>
        </section>
      )}
    </footer>
  )
}
