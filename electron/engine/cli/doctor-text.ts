import type { RuntimeFound } from '../../contract/runtimes.ts'
import { CHECKS } from '../conformance/suite.ts'
import type { Examination } from '../doctor/examine.ts'
import type { Libraries } from '../doctor/libraries.ts'
import type { System } from '../doctor/system.ts'
import { megabytes, table } from './text.ts'

/** The report as text: what a person pastes into a message. */
export function doctorText(
  system: System,
  { found, lacks }: Libraries,
  runtimes: readonly RuntimeFound[],
  examinations: readonly Examination[],
): string {
  const { portolan, node, processor, threads, memory, devices, environment } = system
  const list = (title: string, lines: readonly string[]): string =>
    [title, ...(lines.length > 0 ? lines : ['none']).map(line => `  ${line}`)].join('\n')
  return [
    `Portolan ${portolan}, Node ${node}\n${system.system}\n${processor}, ${threads} threads, ${megabytes(memory)}`,
    list('Graphics devices', devices),
    list('Their libraries', found),
    ...(lacks.length > 0
      ? [
          list(
            'Required in vain',
            lacks.map(({ file, libraries }) => `${libraries.join(', ')} by ${file}`),
          ),
        ]
      : []),
    ...(Object.keys(environment).length > 0
      ? [
          list(
            'Environment',
            Object.entries(environment).map(([name, value]) => `${name}=${value}`),
          ),
        ]
      : []),
    list(
      'Runtimes',
      runtimes.map(({ title, library, device, missing, remedy, note }) =>
        [
          `${title}: ${missing ?? `${library} on ${device}`}`,
          ...(missing !== null && remedy !== null ? [remedy] : []),
          ...(note === null ? [] : [note]),
        ].join('; '),
      ),
    ),
    ...examinations.map(examined),
  ].join('\n\n')
}

/** One runtime: its differences from the CPU as shares of the largest number, those too large marked, and its times. */
function examined(examination: Examination): string {
  const { title, library, device, rows, measurement, fallbacks, ended, seconds } = examination
  const layers = [...new Set(rows.map(({ layer }) => layer))]
  const cell = (layer: string, check: string): string => {
    const row = rows.find(one => one.layer === layer && one.check === check)
    if (row === undefined) return '–'
    if (row.difference === null) return 'not finite'
    return `${row.difference.toExponential(1)}${row.difference <= row.tolerance ? '' : ' WRONG'}`
  }
  const ms = (value: number | null | undefined): string => (value == null ? '–' : `${value.toPrecision(3)} ms`)
  return [
    `${title} (${library ?? 'not started'}${device === null ? '' : ` on ${device}`}), examined in ${Math.round(seconds)} s`,
    table([
      ['  difference from the CPU', ...CHECKS.map(check => (check === 'inversion' ? 'pixels of 255' : check))],
      ...layers.map(layer => [`  ${layer}`, ...CHECKS.map(check => cell(layer, check))]),
    ]),
    `  forward pass ${ms(measurement?.forwardMs)}, per icon and step ${ms(measurement?.stepMs)} in batches of ${measurement?.batch ?? '–'}` +
      (fallbacks === null ? '' : `, ${fallbacks.nodes} of ${fallbacks.of} nodes left to the CPU`),
    ...(measurement?.refused == null ? [] : [`  refused: ${measurement.refused}`]),
    ...(ended === null ? [] : [`  ${ended}`]),
  ].join('\n')
}
