import { ChartScatter, CircleHelp, Link2, Link2Off, Redo2, Search, Undo2 } from 'lucide-react'
import type { ReactNode } from 'react'
import type { Progress } from '../../electron/contract/progress.ts'
import { views } from '../../electron/contract/views.ts'
import { useProgress } from '../jobs/progress.ts'
import { openDialog } from '../state/dialogs.ts'
import { useProject } from '../state/project.ts'
import { toggleSamples, useSamples } from '../state/samples.ts'
import { redo, show, toggleLink, undo, useView } from '../state/view.ts'
import { IconButton } from '../ui/controls.tsx'
import { number } from '../ui/text.ts'
import ui from '../ui/ui.module.css'
import css from './app.module.css'
import { keysText } from './keys.ts'
import { ViewToggle } from './ViewToggle.tsx'

/** `mixed4c: previews: 370 of 372 icons`. */
const stepText = ({ stage, done, total, unit }: Progress): string =>
  `${stage}: ${number(done)} of ${number(total)} ${unit}`

/** The current stage with its progress: a percentage alone would read as that of the complete job. */
const shareText = ({ stage, done, total }: Progress): string =>
  `${stage.split(': ').at(-1)} ${Math.floor((100 * done) / total)} %`

/** The project's name, the tabs of its views, and the toggles of the current view. */
export function TopBar(): ReactNode {
  const { name, readOnly } = useProject().summary
  const { section, linked, panes } = useView()
  const samples = useSamples(state => state.open)
  const running = useProgress(state => Object.values(state).find(p => p !== undefined))
  return (
    <header className={css['bar']}>
      <strong className={css['name']} title={name}>
        {name}
      </strong>
      {readOnly && (
        <span className={ui['badge']} title={readOnly}>
          Read-only
        </span>
      )}
      <nav className={css['views']} aria-label="Views">
        {views.map(({ id, title, key }) => (
          <button
            key={id}
            type="button"
            aria-current={section === id ? 'page' : undefined}
            title={
              id === 'jobs' && running ? `${stepText(running)} (${keysText(`Mod+${key}`)})` : keysText(`Mod+${key}`)
            }
            onClick={() => show(id)}
          >
            {title}
            {id === 'jobs' && running && running.total > 0 && <small>{` ${shareText(running)}`}</small>}
          </button>
        ))}
      </nav>
      <span className={css['spacer']} />
      <button type="button" className={css['jump']} onClick={() => openDialog('palette')}>
        <Search size={14} aria-hidden />
        <span>Go to</span>
        <kbd>{keysText('Mod+K')}</kbd>
      </button>
      <IconButton label="Help" onClick={() => openDialog('help')}>
        <CircleHelp size={16} aria-hidden />
      </IconButton>
      {(section === 'class' || section === 'compare') && <ViewToggle of="inspectorOpen" />}
      {section === 'atlas' && (
        <div className={ui['row']} style={{ gap: 2, flexWrap: 'nowrap' }}>
          <IconButton label="Undo" onClick={undo}>
            <Undo2 size={16} aria-hidden />
          </IconButton>
          <IconButton label="Redo" onClick={redo}>
            <Redo2 size={16} aria-hidden />
          </IconButton>
          <ViewToggle of="classesOpen" />
          <ViewToggle of="tableOpen" />
          <IconButton label="Single samples" pressed={samples} onClick={toggleSamples}>
            <ChartScatter size={16} aria-hidden />
          </IconButton>
          <ViewToggle of="labels" />
          <ViewToggle of="minimap" />
          {panes.length > 1 && (
            <IconButton label="Link panes" pressed={linked} onClick={toggleLink}>
              {linked ? <Link2 size={16} aria-hidden /> : <Link2Off size={16} aria-hidden />}
            </IconButton>
          )}
          <ViewToggle of="inspectorOpen" />
        </div>
      )}
    </header>
  )
}
