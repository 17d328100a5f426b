import { Link, SunMoon } from 'lucide-react'
import { type ReactNode, useMemo, useState } from 'react'
import { reason } from '../../electron/contract/errors.ts'
import type { PublishedIndex } from '../../electron/contract/published.ts'
import { ViewToggle } from '../app/ViewToggle.tsx'
import { ProjectContext } from '../state/project.ts'
import { useProjectData } from '../state/project-data.ts'
import { changeSettings, useTheme } from '../state/settings.ts'
import { IconButton } from '../ui/controls.tsx'
import { About } from './About.tsx'
import { AtlasSection } from './AtlasSection.tsx'
import { writeAddress } from './address.ts'
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
          <Tools index={index} section={section} />
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

function Tools({ index, section }: { readonly index: PublishedIndex; readonly section: PageSection }): ReactNode {
  const theme = useTheme(state => state.theme)
  const narrow = useNarrow()
  const [copied, setCopied] = useState('')
  const copyLink = async (): Promise<void> => {
    try {
      // It follows what is shown after a rest only.
      writeAddress(index.classAtlases)
      await copyText(location.href)
      setCopied('Link copied')
    } catch (error) {
      setCopied(reason(error))
    }
    setTimeout(() => setCopied(''), 2500)
  }
  return (
    <div className={css['tools']}>
      <span role="status">{copied}</span>
      {section === 'atlas' && <ViewToggle of="classesOpen" />}
      {section !== 'about' && <ViewToggle of="labels" />}
      {section !== 'about' && !narrow && (
        <>
          <ViewToggle of="minimap" />
          <ViewToggle of="inspectorOpen" />
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
