import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { z } from 'zod'
import type { Graph } from '../onnx/graph.ts'
import { writeGraph } from '../onnx/write.ts'
import type { Provider } from './providers.ts'
import type { Feeds } from './runtime.ts'

const Answer = z.union([z.object({ nodes: z.int(), of: z.int() }), z.object({ error: z.string() })])

/**
 * How many nodes of a graph a provider leaves to the CPU, of how many there are after fusion, copies between the two
 * counted: every one of them costs a way down and up again.
 * @throws Error when the provider cannot run the graph at all
 */
export async function placementOf(
  provider: Provider,
  graph: Graph,
  feeds: Feeds,
): Promise<{ readonly nodes: number; readonly of: number }> {
  const worker = new Worker(new URL('./placement.worker.ts', import.meta.url), {
    workerData: { provider, model: writeGraph(graph), feeds },
    execArgv: [],
  })
  try {
    const [message] = await once(worker, 'message')
    const answer = Answer.parse(message)
    if ('error' in answer) throw new Error(answer.error)
    return answer
  } finally {
    await worker.terminate()
  }
}
