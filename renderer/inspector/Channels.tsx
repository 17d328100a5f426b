import type { ReactNode } from 'react'
import type { CellDetail } from '../../electron/contract/atlas.ts'
import { pictureAddress } from '../state/pictures.ts'
import { useProject } from '../state/project.ts'
import { useCall } from '../state/queries.ts'
import panel from '../ui/panel.module.css'

const MAX_CHANNELS = 10

/** The strongest channels of a cell; their icons are rendered on first view. */
export function Channels({ detail }: { readonly detail: CellDetail }): ReactNode {
  const { key } = useProject()
  const known = detail.channels.slice(0, MAX_CHANNELS)
  const missing = known.some(c => c.icon === null)
  const rendered = useCall('cell.channels', missing ? { ...detail.cell, limit: MAX_CHANNELS } : null)
  const channels = rendered.data ?? known
  return (
    <section className={panel['section']} aria-label="Strongest channels">
      <h3>Strongest channels</h3>
      <ul className={panel['channels']}>
        {channels.map(({ channel, value, icon }) => (
          <li key={channel} title={`Channel ${channel}: mean activation ${value.toFixed(2)}`}>
            {icon ? (
              <img src={pictureAddress({ kind: 'icon', project: key, key: icon })} alt={`Icon of channel ${channel}`} />
            ) : (
              <i />
            )}
            {channel}
          </li>
        ))}
      </ul>
      {rendered.isFetching && (
        <p className={panel['note']} role="status">
          Rendering channel icons…
        </p>
      )}
      {rendered.error && (
        <p className={panel['note']} role="alert">
          {rendered.error.message}
        </p>
      )}
    </section>
  )
}
