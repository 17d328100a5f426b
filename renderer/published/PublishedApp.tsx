import { Link, Map as MapIcon, PanelRight, SunMoon, Tag, Tags } from 'lucide-react'
import { type ReactNode, useMemo, useState } from 'react'
import type { PublishedIndex } from '../../electron/contract/published.ts'
import { ProjectContext } from '../state/project.ts'
import { useProjectData } from '../state/project-data.ts'
import { changeSettings, useTheme } from '../state/settings.ts'
import { change, useView } from '../state/view.ts'
import { IconButton } from '../ui/controls.tsx'
import { About } from './About.tsx'
import { AtlasSection } from './AtlasSection.tsx'
import { ClassSection } from './ClassSection.tsx'
import { copyText } from './clipboard.ts'
import { type PageSection, showSection, usePage } from './page-state.ts'
import css from './published.module.css'
import { useNarrow } from './use-narrow.ts'

/** A published page: its title and sections, and the section that is shown. */
export function PublishedApp({ index }: { readonly index: PublishedIndex }): ReactNode {
  const { section } = usePage()
  const published = useMemo(() => ({ photographs: index.photographs !== null }), [index])
  const project = useProjectData(index.project, published)
  const ofClasses = index.classAtlases.filter(({ scope }) => scope.kind === 'class')
  const comparisons = index.classAtlases.filter(({ scope }) => scope.kind === 'comparison')
  const sections: readonly (readonly [PageSection, string])[] = [
    ['atlas', index.atlases.length > 1 ? 'Atlases' : 'Atlas'],
    ...(ofClasses.length > 0 ? [['class', 'Class atlases'] as const] : []),
    ...(comparisons.length > 0 ? [['compare', 'Comparisons'] as const] : []),
    ['about', 'About'],
  ]
  return (
    <ProjectContext value={project}>
      <div className={css['page']}>
        <header className={css['bar']}>
          <h1 title={index.text.title}>{index.text.title}</h1>
          <nav aria-label="Sections">
            {sections.map(([id, name]) => (
              <button
                key={id}
                type="button"
                aria-current={section === id ? 'page' : undefined}
                onClick={() => showSection(id)}
              >
                {name}
              </button>
            ))}
          </nav>
          <Tools section={section} />
        </header>
        <main className={css['main']}>
          {section === 'about' ? (
            <About index={index} />
          ) : section === 'atlas' ? (
            <AtlasSection />
          ) : section === 'class' ? (
            <ClassSection kind="class" classAtlases={ofClasses} />
          ) : (
            <ClassSection kind="comparison" classAtlases={comparisons} />
          )}
        </main>
      </div>
    </ProjectContext>
  )
}

function Tools({ section }: { readonly section: PageSection }): ReactNode {
  const { classesOpen, inspectorOpen, labels, minimap } = useView()
  const theme = useTheme(state => state.theme)
  const narrow = useNarrow()
  const [copied, setCopied] = useState('')
  const copyLink = async (): Promise<void> => {
    try {
      await copyText(location.href)
      setCopied('Link copied')
    } catch (error) {
      setCopied(error instanceof Error ? error.message : String(error))
    }
    setTimeout(() => setCopied(''), 2500)
  }
  return (
    <div className={css['tools']}>
      <span role="status">{copied}</span>
      {section === 'atlas' && (
        <IconButton label="Class filter" pressed={classesOpen} onClick={() => change({ classesOpen: !classesOpen })}>
          <Tags size={16} aria-hidden />
        </IconButton>
      )}
      {section !== 'about' && (
        <IconButton label="Labels" pressed={labels} onClick={() => change({ labels: !labels })}>
          <Tag size={16} aria-hidden />
        </IconButton>
      )}
      {section !== 'about' && !narrow && (
        <>
          <IconButton label="Minimap" pressed={minimap} onClick={() => change({ minimap: !minimap })}>
            <MapIcon size={16} aria-hidden />
          </IconButton>
          <IconButton
            label="Inspector"
            pressed={inspectorOpen}
            onClick={() => change({ inspectorOpen: !inspectorOpen })}
          >
            <PanelRight size={16} aria-hidden />
          </IconButton>
        </>
      )}
      <IconButton label="Copy link to this position" onClick={() => void copyLink()}>
        <Link size={16} aria-hidden />
      </IconButton>
      <IconButton
        label={theme === 'dark' ? 'Light colours' : 'Dark colours'}
        onClick={() => changeSettings({ theme: theme === 'dark' ? 'light' : 'dark' })}
      >
        <SunMoon size={16} aria-hidden />
      </IconButton>
    </div>
  )
}
