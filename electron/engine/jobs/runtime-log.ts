import type { Runtime } from '../runtime/runtime.ts'
import type { JobContext } from './context.ts'

/** The runtime of a job: what happens to it is found again in the job's log. */
export const withJobLog = (runtime: Runtime, { log }: Pick<JobContext, 'log'>): Runtime =>
  runtime.fallback?.withLog(text => log('warning', text)) ?? runtime
