import { join } from 'node:path'
import { openProject } from '../../electron/engine/store/open.ts'
import { putSavedItem } from '../../electron/engine/store/saved-items.ts'
import { startPortolan } from '../fixtures/command-line.ts'
import { photograph } from '../fixtures/images.ts'
import { writeNetwork, writePhotographs } from '../fixtures/project-files.ts'

/** Builds a small project in which every part of Portolan has left something. @returns its path */
export async function writeFullProject(folder: string): Promise<string> {
  const path = (name: string): string => join(folder, name)
  await writeNetwork(path('net.onnx'))
  await writePhotographs(path('photos'), 24)
  await photograph(40, 30, 3).tint('#e01020').png().toFile(path('red.png'))
  const file = path('full.portolan')
  const quick = ['--preset', 'draft', '--steps', '2', '--min-samples', '1']
  const commands = [
    [
      ...['atlas', 'build', file, '--model', path('net.onnx'), '--images', path('photos'), '--samples', '96'],
      ...['--layers', 'mixed3b,mixed4a', '--grid', '4', ...quick],
    ],
    ['class-atlas', file, '--layer', 'mixed3b', '--class', '3', '--grid', '3', ...quick],
    ['compare', file, '--layer', 'mixed3b', '--classes', '2,3', '--grid', '3', ...quick],
    [
      ...['patch', 'experiment', file, '--model', path('net.onnx'), '--images', path('photos')],
      ...['--patch', path('red.png'), '--source', '5', '--target', '2', '--sizes', '0.3', '--positions', 'centre'],
    ],
  ]
  for (const command of commands) {
    const { status, err } = await startPortolan(...command).ended
    if (status !== 0) throw new Error(`${command.join(' ')}:\n${err}`)
  }
  using db = openProject(file, { mode: 'write', who: { command: 'test' } })
  putSavedItem(db, 'note', 'a note', { text: 'seen' }, 1)
  return file
}
