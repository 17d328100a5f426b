import type { ReactNode } from 'react'
import type { AtlasSummary, GridSummary } from '../../electron/contract/atlas.ts'
import { labelRule } from '../../electron/contract/cell-labels.ts'
import { type FidelitySummary, fidelityText } from '../../electron/contract/fidelity.ts'
import { qualitySource, qualityText } from '../../electron/contract/layout.ts'
import { shareText, stabilityNote, stabilityText } from '../../electron/contract/stability.ts'
import { TERMS } from '../ui/terms.ts'
import { capitalised, number } from '../ui/text.ts'
import { labelCountText, labelsText, type MapLabels } from './cell-labels.ts'
import type { CellIndex } from './cells.ts'
import { type Fact, FactsLine } from './FactsLine.tsx'
import { iconsText } from './icons-text.ts'

interface PaneFootProps {
  readonly atlas: AtlasSummary | undefined
  readonly summary: GridSummary | undefined
  readonly index: CellIndex | undefined
  readonly fidelity: FidelitySummary | undefined
  readonly labels: MapLabels | undefined
  /** The software renderer, in the pane that names it. */
  readonly software: string | null
}

/** What is known of the map that is shown, the most important first. */
function factsOf({ atlas, summary, index, fidelity, labels, software }: PaneFootProps): readonly Fact[] {
  const facts: Fact[] = []
  if (summary)
    facts.push({
      text: `${number(summary.samplesShown)} of ${number(atlas?.samples ?? 0)} samples, ${number(summary.shown)} of ${number(summary.total)} cells shown`,
      meaning: `${TERMS.sample} ${TERMS.cell}`,
    })
  if (summary && index && summary.finished < summary.shown)
    facts.push({ text: iconsText(index.cells.state), meaning: TERMS.icon })
  if (fidelity?.fidelity != null)
    facts.push({
      text: `fidelity ${fidelity.fidelity.toFixed(2)}, chance ${fidelity.chance?.toFixed(2) ?? 'unknown'}`,
      meaning: `${TERMS.fidelity} Here: ${fidelityText(fidelity)}.`,
    })
  if (labels)
    facts.push({
      text: labelCountText(labels, index?.cells.count),
      meaning:
        labels.note ??
        `${capitalised(labelsText(labels))}; ${labelRule}. Close up, each icon carries the classes of its largest mean attribution; only a bold one is reliable.`,
    })
  if (atlas?.quality)
    facts.push({
      text: qualityText(atlas.quality),
      meaning: `${TERMS.trustworthiness} ${qualitySource(atlas.quality)}`,
    })
  if (atlas?.stability)
    facts.push({
      text: `stability ${shareText(atlas.stability.kept)}, chance ${shareText(atlas.stability.chance)}`,
      meaning: `${TERMS.stability} Here: ${stabilityText(atlas.stability)}. ${stabilityNote(atlas.stability)}`,
    })
  if (software !== null)
    facts.push({
      text: 'software rendering',
      meaning: `Maps are drawn by ${software} on the CPU: panning large ones is slower, results are the same.`,
    })
  return facts
}

/** What is known of the map of a pane, below it. */
export function PaneFoot(props: PaneFootProps): ReactNode {
  return <FactsLine facts={factsOf(props)} />
}
