import { type ReactNode, useState } from 'react'
import { licenseName } from '../../electron/contract/credit.ts'
import { call, client, useCall } from '../state/queries.ts'
import { Button, Empty, Failure } from '../ui/controls.tsx'
import page from '../ui/page.module.css'
import { count, number } from '../ui/text.ts'

/** The folders that the photographs come from, and every file that could not be read, with its reason. */
export function DataPage(): ReactNode {
  const folders = useCall('data.list', {})
  const [said, setSaid] = useState('')
  const pick = (then: (folder: string) => Promise<string>) => async (): Promise<void> => {
    try {
      const [folder] = await window.portolan.shell('dialog.open', { kind: 'photograph-folder' })
      if (folder !== undefined) setSaid(await then(folder))
      await client.invalidateQueries({ queryKey: ['data.list'] })
    } catch (error) {
      setSaid(error instanceof Error ? error.message : String(error))
    }
  }
  const add = pick(async folder => {
    await call('data.add', { folder })
    return 'The folder is being read; Jobs shows how far it is.'
  })
  if (folders.error) return <Failure error={folders.error} retry={() => void folders.refetch()} />
  if (!folders.data) return <Empty title="Reading the folders" busy />
  return (
    <div className={page['page']}>
      <div className={page['inner']}>
        <h1>Photographs</h1>
        <p className={page['lead']}>Photographs stay where they are; the project remembers where that is.</p>
        {folders.data.map(folder => (
          <article key={folder.id} className={page['card']}>
            <header>
              <h2>{folder.name}</h2>
              {!folder.available && <span style={{ color: 'var(--for)' }}>Not there</span>}
              <Button
                onClick={pick(async path => {
                  const { found, missing, changed } = await call('data.relink', { id: folder.id, folder: path })
                  return `${count(found, 'photograph')} found again, ${number(missing)} missing, ${number(changed)} changed.`
                })}
              >
                Link again
              </Button>
            </header>
            <p>{`${folder.path ?? 'known by name only'} · ${count(folder.images, 'photograph')}${folder.unreadable.length > 0 ? ` · ${number(folder.unreadable.length)} unreadable` : ''}`}</p>
            {folder.classless.map(({ modelName, images, hints }) => (
              <p key={modelName}>
                {`${number(images)} of ${number(folder.images)} of no known class of ${modelName}: ${hints}.`}
              </p>
            ))}
            {folder.licenses.length > 0 && (
              <p>{`Author and licence known: ${folder.licenses.map(({ license, images }) => `${number(images)} under ${licenseName(license) || 'no licence named'}`).join(', ')}. Both are shown with each photograph.`}</p>
            )}
            {folder.unreadable.length > 0 && (
              <table className={page['table']}>
                <thead>
                  <tr>
                    <th>File</th>
                    <th>Why it could not be read</th>
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
        <p className={page['lead']} role="status" style={{ margin: '12px 0' }}>
          {said}
        </p>
        <Button onClick={() => void add()}>Add a folder</Button>
      </div>
    </div>
  )
}
