import { qualityText } from '../../contract/layout.ts'
import type { Built, BuiltAtlas } from '../atlas/build.ts'
import { startOfAtlas } from '../atlas/start-record.ts'
import type { JobResult } from '../jobs/run.ts'
import { missingSentence } from '../photographs/enter.ts'
import type { Outcome } from './output.ts'
import { counted, duration, grouped, table } from './text.ts'

/** What the icons of a layer started from, where that was not noise alone. */
function startLine({ layer, atlas, icons, fromNoise }: BuiltAtlas): string[] {
  if (startOfAtlas(atlas) === 'noise') return []
  return [
    `${layer}: ${counted(icons - fromNoise, 'icon')} started from photographs (the blurred mean of crops behind the cell)` +
      (fromNoise > 0 ? `, ${grouped(fromNoise)} from noise, as too few photographs are behind their cells` : ''),
  ]
}

/** The result of a build as JSON and text. */
export function builtOutcome(file: string, { result, stages, seconds }: JobResult<Built>): Outcome {
  const failed = result.atlases.flatMap(({ layer, failed }) => failed.map(cell => ({ layer, ...cell })))
  const unreadable = result.unreadable.map(({ file, reason }) => ({ file, reason }))
  const sentences = [
    ...(unreadable.length > 0
      ? [
          `${grouped(unreadable.length)} ${unreadable.length === 1 ? 'file' : 'files'} could not be read: ${unreadable
            .map(({ file, reason }) => `${file} (${reason})`)
            .slice(0, 10)
            .join(', ')}`,
        ]
      : []),
    ...(failed.length > 0
      ? [
          `${grouped(failed.length)} icons failed after three starts, the first in ${failed[0]!.layer} at ${failed[0]!.i},${failed[0]!.j}`,
        ]
      : []),
  ]
  return {
    json: {
      project: file,
      photographs: result.photographs,
      samples: result.samples,
      seconds,
      unreadable,
      missing: result.missing.length,
      failed,
      stages: stages.map(stage => ({ ...stage })),
      atlases: result.atlases.map(({ layer, atlas, icons, fromNoise, quality, displacement, shrinkage, grids }) => ({
        layer,
        key: atlas.key,
        icons,
        start: startOfAtlas(atlas),
        from_noise: fromNoise,
        quality: quality === null ? null : { ...quality },
        displacement,
        shrinkage,
        grids: grids.map(grid => ({ ...grid })),
      })),
    },
    text: () => {
      const reused = stages.filter(stage => stage.outcome === 'reused').length
      const continued = stages.filter(stage => stage.outcome === 'continued').map(stage => stage.name)
      const rows = result.atlases.flatMap(({ layer, quality, displacement, grids }) =>
        grids.map(({ grid, cells, samples, shown }) => [
          layer,
          `${grid} × ${grid}`,
          `${grouped(shown)} of ${grouped(samples)} samples shown`,
          `${grouped(cells)} cells with samples`,
          [
            ...(quality === null ? [] : [qualityText(quality)]),
            ...(displacement === null ? [] : [`displacement ${displacement.toFixed(2)} to the next layer`]),
          ].join(', '),
        ]),
      )
      return [
        `${file}: ${grouped(result.samples)} samples of ${grouped(result.photographs)} photographs, in ${duration(1000 * seconds)}` +
          ` (${reused} of ${stages.length} stages reused${continued.length ? `, continued: ${continued.join(', ')}` : ''})`,
        table(rows),
        ...result.atlases.flatMap(startLine),
        ...[missingSentence(result.missing)].filter(line => line !== undefined),
      ].join('\n')
    },
    incomplete: sentences.length > 0 ? sentences.join('\n') : undefined,
  }
}
