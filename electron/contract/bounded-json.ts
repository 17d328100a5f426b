/** Most values of a JSON text, lists and objects included: half a kilobyte each when every one of them is wrong. */
const MOST_VALUES = 2 ** 19
/** Deepest nesting: what reads the values calls itself once for each level. */
const DEEPEST = 64

/**
 * Parses JSON from an untrusted source. A few megabytes of it may have millions of values, each of which takes many times
 * its own size when it is validated.
 * @throws SyntaxError when it is not JSON, RangeError when it has too many values or levels; the message is a clause
 */
export const parseBounded = (text: string): unknown => {
  const json: unknown = JSON.parse(text)
  // Level by level: nothing here may call itself.
  let level = [json]
  let values = 1
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > DEEPEST) throw new RangeError(`it is nested more than ${DEEPEST} levels deep`)
    const below: unknown[] = []
    for (const each of level) {
      if (typeof each !== 'object' || each === null) continue
      // A copy of a long list would take as much again.
      for (const value of Array.isArray(each) ? each : Object.values(each)) {
        if (++values > MOST_VALUES) throw new RangeError(`it has more than ${MOST_VALUES} values`)
        if (typeof value === 'object' && value !== null) below.push(value)
      }
    }
    level = below
  }
  return json
}
