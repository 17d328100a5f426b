import type { JobState } from '../../electron/contract/jobs.ts'

/** The label of the button that runs a job that has ended again: one that failed does not continue where it was. */
export const againLabel = (state: JobState): string => (state === 'failed' ? 'Try again' : 'Resume')
