import { serveMain } from './child.ts'
import { Inference } from './inference/inference.ts'

/** The engine as a process of its own: what main starts, speaks to over the channel, and starts again when it dies. */
serveMain(new Inference())
