import { UserError } from '../../contract/errors.ts'

/** Maximum characters of a library's message: it may quote shapes and weights at any length. */
const LONGEST = 280

/** A library refused a graph or a run of it: the model requires something that it does not support. */
export class LibraryError extends UserError {
  /** @param words the library's message @param graph name of the graph: the model file's name, or a part of it */
  constructor(words: string, graph: string, cause?: unknown) {
    const name = graph.length > 80 ? `${graph.slice(0, 80)}…` : graph
    super(`cannot run ${name}: ${plainWords(words)}; check this node in the model, and export it again`, { cause })
  }
}

/** How ONNX Runtime names a node: operator and name in any of these orders. */
const NODES: readonly (readonly [RegExp, (match: RegExpExecArray) => readonly [op: string, node: string]])[] = [
  [/In Node, \("([^"]*)", (\w+),/, match => [match[2]!, match[1]!]],
  [/running (\w+) node\. Name:'([^']*)'/, match => [match[1]!, match[2]!]],
  [/Node ?\(([^)]*)\) Op ?\((\w+)\)/, match => [match[2]!, match[1]!]],
]

/** `MaxPool "pool1": the strides must be above 0`: in one line, without positions in the library's sources. */
export function plainWords(words: string): string {
  const line = words
    .split(/\n|Stacktrace:/)[0]!
    .replace(/\s+/g, ' ')
    .trim()
  for (const [pattern, name] of NODES) {
    const match = pattern.exec(line)
    if (!match) continue
    const [op, node] = name(match)
    return cut(`${op} "${node}": ${withoutSourcePositions(line.slice(match.index + match[0].length))}`)
  }
  return cut(withoutSourcePositions(line))
}

const withoutSourcePositions = (text: string): string =>
  text
    .replace(/^.*?(?:Status Message: |\) , Error )/, '')
    // The file and the signature of the function that failed: parentheses after a blank belong to the message.
    .replace(/\/?\S+\.(?:cc|cpp|h|cu):\d+ (?:(?:\w|::|[*&<> ])*\w\([^)]*\)(?: const)? ?)?/g, '')
    .trim()
    .replace(/[.;]+$/, '')

const cut = (text: string): string => (text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text)
