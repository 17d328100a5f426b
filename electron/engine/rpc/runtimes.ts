import type { Calls } from './handlers.ts'

export const runtimesCalls: Calls<'runtimes'> = {
  'runtimes.list': ({ model }, { inference }) => inference.state(model),
  'runtimes.calibrate': async ({ model }, { inference, project }) => {
    await inference.calibrate(await project().classifier(model))
    return inference.state(model)
  },
  'runtimes.choose': async ({ model, choice }, { inference }) => {
    await inference.choose(model, choice)
    return inference.state(model)
  },
}
