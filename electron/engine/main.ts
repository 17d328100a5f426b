import { serveMain } from './child.ts'
import { Inference } from './inference/inference.ts'

/** The engine as a process of its own: started by main, connected by a channel, and restarted when it crashes. */
serveMain(new Inference())
