import type { Runtime } from '../runtime/runtime.ts'
import type { JobContext } from './context.ts'

/** The runtime of a job, which writes its events to the job's log. */
export const withJobLog = (runtime: Runtime, { log }: Pick<JobContext, 'log'>): Runtime =>
  runtime.fallback?.withLog(text => log('warning', text)) ?? runtime
