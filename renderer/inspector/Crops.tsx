import { type ReactNode, useState } from 'react'
import type { CellDetail } from '../../electron/contract/atlas.ts'
import { pictureAddress } from '../state/pictures.ts'
import { show } from '../state/view.ts'
import { Button, Segments } from '../ui/controls.tsx'
import panel from '../ui/panel.module.css'
import { number } from '../ui/text.ts'

const part = (v: number): number => Math.min(1, Math.max(0, v))

/** The real photographs behind a cell, nearest first: what the unit sees of each, or the whole with that marked. */
export function Crops({ detail, project }: { readonly detail: CellDetail; readonly project: string }): ReactNode {
  const [view, setView] = useState<'crop' | 'whole'>('crop')
  const here = detail.nearest.filter(n => n.available)
  return (
    <section className={panel['section']} aria-label="Photographs">
      <div style={{ display: 'flex', justifyContent: 'space-between', alignItems: 'center', marginBottom: 8 }}>
        <h3
          className={panel['label']}
          style={{ margin: 0 }}
        >{`Photographs, ${number(here.length)} of ${number(detail.count)}`}</h3>
        <Segments
          label="Show"
          value={view}
          options={[
            ['crop', 'Crop'],
            ['whole', 'Whole'],
          ]}
          onChange={setView}
        />
      </div>
      {here.length === 0 ? (
        <div className={panel['note']}>
          <p style={{ marginBottom: 8 }}>The photographs of this project are not on this machine.</p>
          <Button onClick={() => show('data')}>Link a folder</Button>
        </div>
      ) : (
        <ul className={panel['crops']}>
          {here.map(sample => {
            const { left, top, right, bottom } = sample.box
            const box = { left: part(left), top: part(top), right: part(right), bottom: part(bottom) }
            const src = pictureAddress({
              kind: 'photo',
              project,
              image: sample.image,
              box: view === 'crop' ? box : null,
              size: 192,
            })
            return (
              <li
                key={sample.sample}
                className={panel['crop']}
                title={`${sample.file}, distance ${sample.distance.toFixed(2)}`}
              >
                <img src={src} alt={sample.file} loading="lazy" />
                {view === 'whole' && (
                  <i
                    style={{
                      left: `${box.left * 100}%`,
                      top: `${box.top * 100}%`,
                      width: `${(box.right - box.left) * 100}%`,
                      height: `${(box.bottom - box.top) * 100}%`,
                    }}
                  />
                )}
              </li>
            )
          })}
        </ul>
      )}
    </section>
  )
}
