import { call, client } from '../state/queries.ts'

/** Another project is open: all cached results are stale. */
const opened = (): Promise<void> => client.invalidateQueries()

export async function openProject(): Promise<void> {
  const [file] = await window.portolan.shell('dialog.open', { kind: 'project' })
  if (file !== undefined) await openFile(file)
}

export async function openFile(file: string): Promise<void> {
  await call('project.open', { file })
  await opened()
}

export async function newProject(): Promise<void> {
  const file = await window.portolan.shell('dialog.save', { kind: 'project', suggested: 'atlas.portolan' })
  if (file === null) return
  await call('project.create', { file })
  await opened()
}

/** The bundled demo; created on first use. */
export async function openDemo(): Promise<void> {
  await call('project.demo', {})
  await opened()
}

/**
 * Opens the first project of a new window: the one it was started with, or the demo if no project was ever opened.
 * @returns whether a project is open now
 */
export async function openFirst(): Promise<boolean> {
  const { file } = await window.portolan.shell('app.initial', {})
  if (file !== null) {
    await openFile(file)
    return true
  }
  if ((await window.portolan.shell('app.recent', {})).length > 0) return false
  await openDemo()
  return true
}
