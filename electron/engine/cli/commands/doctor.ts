import { z } from 'zod'
import type { RuntimeFound } from '../../../contract/runtimes.ts'
import { demoOrder } from '../../demo/build.ts'
import { type Examination, examine, healthy } from '../../doctor/examine.ts'
import { deviceLibraries } from '../../doctor/libraries.ts'
import { describeSystem } from '../../doctor/system.ts'
import { BACKENDS } from '../../runtime/backends.ts'
import type { DefineCommand } from '../command.ts'
import { doctorText } from '../doctor-text.ts'

/** Milliseconds for all runtimes: with the rest of the report, five minutes at most. */
const BUDGET = 270_000

/** `portolan doctor [MODEL]` */
export const defineDoctor: DefineCommand = (command, run) => {
  command
    .description(
      'Describes this machine for a report of a fault: system, devices and their libraries, what each runtime lacks, and for those that start, conformance with the CPU and speed. At most five minutes.',
    )
    .argument('[model]', 'the classifier to run, an ONNX file with its sidecar (the bundled model by default)')
    .action(
      run(z.object({ model: z.string().optional() }), async ({ model = demoOrder().model }, { signal, report }) => {
        const stage = (title: string, done: number, total: number): void =>
          report({ stage: title, done, total, unit: 'runtimes' })
        stage('looking for devices', 0, BACKENDS.length)
        const [system, libraries] = await Promise.all([describeSystem(), deviceLibraries()])
        const found: RuntimeFound[] = []
        for (const backend of BACKENDS) {
          const { accelerated: _, ...shown } = await backend.find()
          found.push(shown)
        }
        const usable = found.filter(({ missing }) => missing === null)
        const examinations: Examination[] = []
        const end = performance.now() + BUDGET
        for (const [i, runtime] of usable.entries()) {
          stage(`examining ${runtime.title}`, i, usable.length)
          const share = (end - performance.now()) / (usable.length - i)
          examinations.push(await examine(runtime, model, share, signal))
        }
        const ill = examinations.filter(examination => !healthy(examination)).map(({ title }) => title)
        return {
          json: {
            ...system,
            environment: { ...system.environment },
            libraries: {
              found: libraries.found,
              lacks: libraries.lacks.map(({ file, libraries: names }) => ({ file, libraries: names })),
            },
            runtimes: found.map(runtime => ({ ...runtime })),
            examinations: JSON.parse(JSON.stringify(examinations)),
          },
          text: () => doctorText(system, libraries, found, examinations),
          ...(ill.length > 0 && { incomplete: `not as it should be: ${ill.join(', ')}` }),
        }
      }),
    )
}
