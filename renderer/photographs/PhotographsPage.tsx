import type { ReactNode } from 'react'
import { licenseName } from '../../electron/contract/credit.ts'
import type { FolderInfo } from '../../electron/contract/project.ts'
import { attempt, notify } from '../state/notices.ts'
import { call, client, useCall } from '../state/queries.ts'
import { Button, Empty, Failure } from '../ui/controls.tsx'
import page from '../ui/page.module.css'
import { count, number } from '../ui/text.ts'

/** The folders of photographs, and every file that could not be read, with the reason. */
export function PhotographsPage(): ReactNode {
  const folders = useCall('folder.list', {})
  const chooseFolder = (then: (folder: string) => Promise<string>) => (): Promise<void> =>
    attempt(async () => {
      const [folder] = await window.portolan.shell('dialog.open', { kind: 'photograph-folder' })
      if (folder !== undefined) notify(await then(folder))
      await client.invalidateQueries({ queryKey: ['folder.list'] })
    })
  const add = chooseFolder(async folder => {
    await call('folder.add', { folder })
    return 'Importing the folder; see Jobs for progress.'
  })
  const remove = async ({ id, name }: FolderInfo): Promise<void> => {
    await call('folder.remove', { id })
    await client.invalidateQueries({ queryKey: ['folder.list'] })
    notify(`Removed ${name} from the project; its files stay.`)
  }
  if (folders.error) return <Failure error={folders.error} retry={() => void folders.refetch()} />
  if (!folders.data) return <Empty title="Loading folders…" busy />
  return (
    <div className={page['page']}>
      <div className={page['inner']}>
        <h1>Photographs</h1>
        <p className={page['lead']}>Photographs are not copied; the project stores their paths.</p>
        {folders.data.map(folder => (
          <article key={folder.id} className={page['card']}>
            <header>
              <h2>{folder.name}</h2>
              {!folder.available && <span style={{ color: 'var(--for)' }}>Not found</span>}
              <Button
                onClick={chooseFolder(async path => {
                  const { found, missing, changed } = await call('folder.relink', { id: folder.id, folder: path })
                  return `${count(found, 'photograph')} found, ${number(missing)} missing, ${number(changed)} changed.`
                })}
              >
                Relink
              </Button>
              <Button
                disabled={folder.used !== null}
                title={
                  folder.used === null
                    ? 'Remove the folder from the project; its files stay'
                    : `Cannot be removed: ${folder.used}.`
                }
                onClick={() => void attempt(() => remove(folder))}
              >
                Remove
              </Button>
            </header>
            <p>{`${folder.path ?? 'path unknown'} · ${count(folder.images, 'photograph')}${folder.unreadable.length > 0 ? ` · ${number(folder.unreadable.length)} unreadable` : ''}`}</p>
            {folder.classless.map(({ modelName, images, hints }) => (
              <p key={modelName}>
                {`${number(images)} of ${number(folder.images)} without a class of ${modelName}: ${hints}.`}
              </p>
            ))}
            {folder.classes && (
              <p>
                {`${count(folder.classes.total, 'class', 'classes')} of ${folder.classes.modelName}: ${folder.classes.most.map(({ name, images }) => `${name} ${number(images)}`).join(', ')}${folder.classes.total > folder.classes.most.length ? `, and ${number(folder.classes.total - folder.classes.most.length)} more` : ''}.`}
              </p>
            )}
            {folder.attribution !== null && <p>{`Authors and licences: ${folder.attribution}`}</p>}
            {folder.licenses.length > 0 && (
              <p>{`Author and licence known: ${folder.licenses.map(({ license, images }) => `${number(images)} under ${licenseName(license) || 'an unnamed licence'}`).join(', ')}. Both are shown with each photograph.`}</p>
            )}
            {folder.unreadable.length > 0 && (
              <table className={page['table']}>
                <thead>
                  <tr>
                    <th>File</th>
                    <th>Reason</th>
                  </tr>
                </thead>
                <tbody>
                  {folder.unreadable.map(u => (
                    <tr key={u.file}>
                      <td>{u.file}</td>
                      <td>{u.reason}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            )}
          </article>
        ))}
        <Button style={{ marginTop: 12 }} onClick={() => void add()}>
          Add a folder
        </Button>
      </div>
    </div>
  )
}
