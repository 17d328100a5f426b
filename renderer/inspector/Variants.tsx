import { useQueries } from '@tanstack/react-query'
import { LoaderCircle } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { type PresetName, PresetNameSchema } from '../../electron/contract/inversion.ts'
import type { CellRef } from '../../electron/contract/values.ts'
import { pictureAddress } from '../state/pictures.ts'
import { useProject } from '../state/project.ts'
import { call } from '../state/queries.ts'
import { Button, Segments, Select } from '../ui/controls.tsx'
import panel from '../ui/panel.module.css'
import ui from '../ui/ui.module.css'

const SIZE = 128
/** The presets that are compared, quick ones first. */
const FOUR_PRESETS: readonly PresetName[] = ['draft', 'atlas', 'calm', 'notebook']

interface VariantRequest {
  readonly preset: PresetName
  readonly seed: number
}

/** Four further icons of the cell, with other seeds or other presets. */
export function Variants({ cell, preset: own }: { readonly cell: CellRef; readonly preset: string }): ReactNode {
  const { key } = useProject()
  const parsed = PresetNameSchema.safeParse(own)
  const [vary, setVary] = useState<'seed' | 'preset'>('seed')
  const [preset, setPreset] = useState<PresetName>(parsed.success ? parsed.data : 'atlas')
  const [seed, setSeed] = useState(1)
  const [requested, setRequested] = useState<readonly VariantRequest[]>([])
  const next = (): readonly VariantRequest[] =>
    vary === 'seed'
      ? [0, 1, 2, 3].map(k => ({ preset, seed: seed + k }))
      : FOUR_PRESETS.map(name => ({ preset: name, seed }))
  const results = useQueries({
    queries: requested.map(w => ({
      queryKey: ['cell.variant', cell, w],
      queryFn: () => call('cell.variant', { ...cell, ...w, size: SIZE }),
    })),
  })
  const busy = results.some(a => a.isFetching)
  return (
    <section className={panel['section']} aria-label="Variants">
      <div className={panel['between']}>
        <h3 className={panel['label']}>Variants</h3>
        <Segments
          label="Vary"
          value={vary}
          options={[
            ['seed', 'Seeds'],
            ['preset', 'Presets'],
          ]}
          onChange={setVary}
        />
      </div>
      <div className={ui['row']}>
        {vary === 'seed' && (
          <Select
            label="Preset of the variants"
            value={preset}
            onChange={e => setPreset(PresetNameSchema.parse(e.target.value))}
          >
            {PresetNameSchema.options.map(name => (
              <option key={name}>{name}</option>
            ))}
          </Select>
        )}
        <Button
          disabled={busy}
          onClick={() => {
            setRequested(next())
            setSeed(seed + (vary === 'seed' ? 4 : 1))
          }}
        >
          {busy ? 'Rendering…' : requested.length > 0 ? 'Render four more' : 'Render four'}
        </Button>
      </div>
      {requested.length > 0 && (
        <ul className={panel['variants']}>
          {requested.map((w, k) => {
            const { data, error } = results[k]!
            return (
              <li key={`${w.preset}/${w.seed}`} title={`preset ${w.preset}, seed ${w.seed}`}>
                {data ? (
                  <img
                    src={pictureAddress({ kind: 'icon', project: key, key: data.icon })}
                    alt={`Variant with preset ${w.preset} and seed ${w.seed}`}
                  />
                ) : (
                  <i title={error?.message}>
                    {error ? 'failed' : <LoaderCircle className={ui['spin']} size={16} aria-label="rendering" />}
                  </i>
                )}
                <span>{vary === 'preset' ? w.preset : `seed ${w.seed}`}</span>
                <b>{data?.fidelity == null ? '' : data.fidelity.toFixed(2)}</b>
              </li>
            )
          })}
        </ul>
      )}
      {requested.length > 0 && <p className={panel['note']}>The numbers are fidelities.</p>}
      {results.find(a => a.error) && (
        <p role="alert" className={panel['note']}>
          {results.find(a => a.error)?.error?.message}
        </p>
      )}
    </section>
  )
}
