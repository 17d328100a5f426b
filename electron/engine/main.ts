import { cacheCompiledCode } from './files/compiled-code.ts'

/** The engine as a process of its own: started by main, connected by a channel, and restarted when it crashes. */
cacheCompiledCode()
// Loaded after that, because the cache holds what is loaded later.
const { serveMain } = await import('./rpc.ts')
const { Inference } = await import('./inference/inference.ts')
serveMain(new Inference())
