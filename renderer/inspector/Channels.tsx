import type { ReactNode } from 'react'
import type { CellDetail } from '../../electron/contract/atlas.ts'
import { pictureAddress } from '../state/pictures.ts'
import { useProject } from '../state/project.ts'
import { useCall } from '../state/queries.ts'
import panel from '../ui/panel.module.css'

const MOST = 10

/** The strongest channels of a cell; their icons are made when they are first looked at. */
export function Channels({ detail }: { readonly detail: CellDetail }): ReactNode {
  const { key } = useProject()
  const known = detail.channels.slice(0, MOST)
  const missing = known.some(c => c.icon === null)
  const made = useCall('cell.channels', missing ? { ...detail.cell, limit: MOST } : null)
  const channels = made.data ?? known
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
      {made.isFetching && (
        <p className={panel['note']} role="status">
          Their icons are being made.
        </p>
      )}
      {made.error && (
        <p className={panel['note']} role="alert">
          {made.error.message}
        </p>
      )}
    </section>
  )
}
