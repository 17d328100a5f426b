import { type KeyboardEvent, type ReactNode, useEffect, useRef } from 'react'
import type { AtlasSummary } from '../../electron/contract/atlas.ts'
import { useProject } from '../state/project.ts'
import { changePane, type PaneState } from '../state/view.ts'
import { Select } from '../ui/controls.tsx'
import { byDepth } from './by-depth.ts'
import { shortNames } from './layer-names.ts'
import css from './layer-tabs.module.css'

interface LayerTabsProps {
  readonly pane: PaneState
  readonly atlas: AtlasSummary | undefined
  readonly atlases: readonly AtlasSummary[]
}

/** The steps of the keys along the tabs. */
const STEPS: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1 }

/** The layers of a model as tabs, and a choice among the atlases of the current layer where it has several. */
export function LayerTabs({ pane, atlas, atlases }: LayerTabsProps): ReactNode {
  const { model } = useProject()
  const strip = useRef<HTMLDivElement>(null)
  const ordered = byDepth(atlases, model)
  const keys = [...new Set(ordered.map(tabOf))]
  const tabs = keys.map(key => ordered.filter(each => tabOf(each) === key))
  const current = atlas && tabOf(atlas)
  const models = new Set(atlases.map(each => each.model))
  const names = shortNames(tabs.map(([first]) => first!.layer))
  const several = tabs.find(([first]) => tabOf(first!) === current) ?? []
  // In a narrow pane the current tab may lie outside.
  useEffect(() => {
    const element = strip.current?.querySelector<HTMLElement>('[aria-selected=true]')
    if (current && element && strip.current)
      strip.current.scrollLeft = element.offsetLeft - strip.current.clientWidth / 2
  }, [current])
  const open = (id: number): void => changePane(pane.id, { atlas: id, grid: 'auto' })
  const move = (event: KeyboardEvent): void => {
    const step = STEPS[event.key]
    if (step === undefined) return
    const at = tabs.findIndex(([first]) => tabOf(first!) === current)
    const next = (at + step + tabs.length) % tabs.length
    open(tabs[next]!.at(-1)!.id)
    strip.current?.querySelectorAll<HTMLElement>('[role=tab]')[next]?.focus()
    event.preventDefault()
  }
  return (
    <>
      <div ref={strip} className={css['tabs']} role="tablist" aria-label="Layer" onKeyDown={move}>
        {tabs.map((of, k) => {
          const newest = of.at(-1)!
          const selected = tabOf(newest) === current
          const at = newest.layer.indexOf(names[k]!)
          const outdated = of.every(each => each.outdated !== null)
          const model = models.size > 1 ? ` of ${newest.modelName}` : ''
          const name = `${newest.layer}${model}${outdated ? ', outdated' : ''}`
          return (
            <button
              key={tabOf(newest)}
              type="button"
              role="tab"
              aria-selected={selected}
              aria-label={name === newest.layer ? undefined : name}
              title={name}
              tabIndex={selected ? 0 : -1}
              onClick={() => open(selected ? atlas!.id : newest.id)}
            >
              {/* Read as a whole, drawn as a whole only of the current layer. */}
              <span>{newest.layer.slice(0, at)}</span>
              {names[k]}
              <span>{newest.layer.slice(at + names[k]!.length)}</span>
            </button>
          )
        })}
      </div>
      {several.length > 1 && (
        <Select label="Atlas" value={atlas?.id ?? ''} onChange={event => open(Number(event.target.value))}>
          {several.map(each => (
            <option key={each.id} value={each.id}>
              {each.outdated === null ? each.name : `${each.name} · outdated`}
            </option>
          ))}
        </Select>
      )}
    </>
  )
}

/** Atlases of one layer of one model share a tab. */
const tabOf = ({ model, layer }: AtlasSummary): string => `${model} ${layer}`
