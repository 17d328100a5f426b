/** How long two things take side by side, so that what else the machine does burdens both. */
export interface Ratio {
  /** Seconds of wall clock, median of all rounds. */
  readonly seconds: number
  readonly peerSeconds: number
  /** Ours to the peer's, median over rounds of the ratio within a round. */
  readonly ratio: number
  /** The same in seconds of processor time of this process, which other processes do not disturb. */
  readonly cpuRatio: number
}

/** Runs both once to warm up, then both again in every round. */
export async function interleaved(
  rounds: number,
  ours: () => Promise<unknown>,
  peer: () => Promise<unknown>,
): Promise<Ratio> {
  await peer()
  await ours()
  const times: { ours: Taken; peer: Taken }[] = []
  for (let round = 0; round < rounds; round++) times.push({ peer: await taken(peer), ours: await taken(ours) })
  return {
    seconds: median(times.map(({ ours }) => ours.wall)),
    peerSeconds: median(times.map(({ peer }) => peer.wall)),
    ratio: median(times.map(({ ours, peer }) => ours.wall / peer.wall)),
    cpuRatio: median(times.map(({ ours, peer }) => ours.cpu / peer.cpu)),
  }
}

interface Taken {
  readonly wall: number
  readonly cpu: number
}

async function taken(work: () => Promise<unknown>): Promise<Taken> {
  const start = performance.now()
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return { wall: (performance.now() - start) / 1e3, cpu: (user + system) / 1e6 }
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}
