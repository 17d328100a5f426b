import { type LucideIcon, Map as MapIcon, PanelRight, Table2, Tag, Tags } from 'lucide-react'
import type { ReactNode } from 'react'
import { change, useView } from '../state/view.ts'
import { IconButton } from '../ui/controls.tsx'

const TOGGLES = {
  classesOpen: ['Class filter', Tags],
  tableOpen: ['Table of cells', Table2],
  labels: ['Labels', Tag],
  minimap: ['Minimap', MapIcon],
  inspectorOpen: ['Inspector', PanelRight],
} as const satisfies Readonly<Record<string, readonly [label: string, icon: LucideIcon]>>

/** A button that shows or hides a part of the view. */
export function ViewToggle({ of }: { readonly of: keyof typeof TOGGLES }): ReactNode {
  const shown = useView(state => state[of])
  const [label, Icon] = TOGGLES[of]
  return (
    <IconButton label={label} pressed={shown} onClick={() => change({ [of]: !shown })}>
      <Icon size={16} aria-hidden />
    </IconButton>
  )
}
