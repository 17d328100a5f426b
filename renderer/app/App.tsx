import { type ReactNode, useCallback, useEffect, useMemo, useState } from 'react'
import type { EngineState, EventOf } from '../../electron/contract/events.ts'
import type { ProjectSummary } from '../../electron/contract/project.ts'
import { Workspace } from '../atlas/Workspace.tsx'
import { ClassPanel } from '../classes/ClassPanel.tsx'
import { DataPage } from '../data/DataPage.tsx'
import { ImagePage } from '../image/ImagePage.tsx'
import { Inspector } from '../inspector/Inspector.tsx'
import { JobsPage } from '../jobs/JobsPage.tsx'
import { followProgress } from '../jobs/progress.ts'
import { ModelsPage } from '../models/ModelsPage.tsx'
import { call, client, followEvents, on, useCall } from '../state/queries.ts'
import { useView } from '../state/view.ts'
import { Button, Empty, Failure } from '../ui/controls.tsx'
import css from './app.module.css'
import { allCommands, menuCommands } from './commands.ts'
import { keepView, loadView } from './keep-view.ts'
import { NewAtlas } from './NewAtlas.tsx'
import { Palette } from './Palette.tsx'
import { TopBar } from './TopBar.tsx'
import { useKeys } from './use-keys.ts'
import { Welcome } from './Welcome.tsx'

/** The window: a project, or what to do without one. */
export function App(): ReactNode {
  const [engine, setEngine] = useState<EngineState>({ state: 'ready' })
  const summary = useCall('project.summary', engine.state === 'ready' ? {} : null)
  useEffect(() => {
    const ends = [
      followEvents(),
      followProgress(),
      on('engine.state', setEngine),
      on('project.chosen', ({ file }) => void call('project.open', { file }).then(() => client.invalidateQueries())),
    ]
    return () => {
      for (const end of ends) end()
    }
  }, [])
  useEffect(() => {
    if (engine.state === 'ready') void client.invalidateQueries()
  }, [engine.state])
  if (summary.error) return <Failure error={summary.error} retry={() => void summary.refetch()} />
  if (summary.data === undefined)
    return (
      <Empty
        title={engine.state === 'lost' ? 'The engine stopped' : 'Starting the engine'}
        busy={engine.state !== 'lost'}
      >
        {engine.state === 'lost' && <p>{engine.reason}</p>}
      </Empty>
    )
  if (summary.data === null) return <Welcome />
  return <Project key={summary.data.key} summary={summary.data} engine={engine} />
}

function Project({ summary, engine }: { readonly summary: ProjectSummary; readonly engine: EngineState }): ReactNode {
  const [loaded, setLoaded] = useState(false)
  const [palette, setPalette] = useState(false)
  const [dialog, setDialog] = useState(false)
  const [notice, setNotice] = useState<EventOf<'notice'> | null>(null)
  const { section, classesOpen, inspectorOpen } = useView()
  const atlases = useCall('atlas.list', {})
  const models = useCall('models.list', {})
  const model = models.data?.[0]
  const classes = useCall('classes.list', model ? { model: model.hash } : null)
  const className = useCallback(
    (index: number): string => classes.data?.[index]?.name ?? `class ${index}`,
    [classes.data],
  )

  useEffect(() => {
    let end = (): void => {}
    let gone = false
    void loadView().finally(() => {
      if (gone) return
      setLoaded(true)
      end = keepView()
    })
    void window.portolan.shell('window.title', { title: `${summary.name} · Portolan` })
    return () => {
      gone = true
      end()
    }
  }, [summary.name])
  useEffect(() => on('notice', setNotice), [])

  const context = useMemo(() => ({ newAtlas: () => setDialog(true), openPalette: () => setPalette(true) }), [])
  useEffect(() => on('menu.command', ({ command }) => menuCommands(context)[command]?.()), [context])
  useKeys(context)
  const commands = useMemo(
    () => allCommands(context, atlases.data ?? [], classes.data ?? []),
    [context, atlases.data, classes.data],
  )

  const centre = (): ReactNode => {
    if (section === 'jobs') return <JobsPage />
    if (section === 'models') return <ModelsPage />
    if (section === 'data') return <DataPage />
    if (section === 'image')
      return <ImagePage project={summary.key} model={model} atlases={atlases.data ?? []} className={className} />
    if (atlases.error) return <Failure error={atlases.error} retry={() => void atlases.refetch()} />
    if (!atlases.data || !loaded) return <Empty title="Reading the project" busy />
    if (atlases.data.length === 0) {
      return (
        <Empty title="No atlas yet">
          <p>An atlas is drawn from a model and photographs: choose layers, samples and a preset, and watch it grow.</p>
          <Button look="primary" onClick={context.newAtlas}>
            Build an atlas
          </Button>
        </Empty>
      )
    }
    return <Workspace project={summary.key} atlases={atlases.data} className={className} />
  }
  const atlasOpen = section === 'atlas' && (atlases.data?.length ?? 0) > 0
  return (
    <div className={css['app']}>
      <TopBar name={summary.name} readOnly={summary.readOnly} openPalette={context.openPalette} />
      <Banner engine={engine} notice={notice} dismiss={() => setNotice(null)} />
      <div className={css['main']}>
        {atlasOpen && classesOpen ? (
          <div className={`${css['side']} ${css['left']}`}>
            <ClassPanel classes={classes.data ?? []} />
          </div>
        ) : (
          <div />
        )}
        <main className={css['centre']}>{centre()}</main>
        {atlasOpen && inspectorOpen ? (
          <div className={`${css['side']} ${css['right']}`}>
            <Inspector project={summary.key} atlases={atlases.data ?? []} className={className} />
          </div>
        ) : (
          <div />
        )}
      </div>
      {palette && <Palette commands={commands} onClose={() => setPalette(false)} />}
      {dialog && <NewAtlas onClose={() => setDialog(false)} models={models.data ?? []} />}
    </div>
  )
}

function Banner({
  engine,
  notice,
  dismiss,
}: {
  readonly engine: EngineState
  readonly notice: EventOf<'notice'> | null
  readonly dismiss: () => void
}): ReactNode {
  if (engine.state === 'lost') {
    return (
      <div className={css['notice']} data-level="error" role="alert">
        <span
          style={{ flex: 1 }}
        >{`The engine stopped: ${engine.reason} Nothing that was finished is lost. ${engine.retryInMs === null ? '' : 'It is being started again, and jobs can be resumed.'}`}</span>
        {engine.retryInMs === null && (
          <Button onClick={() => void window.portolan.shell('engine.restart', {})}>Start it again</Button>
        )}
      </div>
    )
  }
  if (!notice) return <div />
  return (
    <div className={css['notice']} data-level={notice.level} role="status">
      <span style={{ flex: 1 }}>{notice.text}</span>
      <Button onClick={dismiss}>Close</Button>
    </div>
  )
}
