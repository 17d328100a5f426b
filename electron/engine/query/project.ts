import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { BOUNDS } from '../bounds/bounds.ts'
import type { Classifier } from '../model/classifier.ts'
import { classifierNamed, openClassifier } from '../registry/open.ts'
import type { Runtime } from '../runtime/runtime.ts'
import type { Readable } from '../store/sql.ts'

/** Cache keys that start with a word and the number of an atlas. */
const OF_ATLAS = /^(?:slots|ranked|nearest|colours|tile|crops|compared|labels|fidelity|directions|stability) (\d+) /

/** Returns the runtime for short work with a classifier. */
type RuntimeOf = (classifier: Classifier) => Promise<Runtime>

/** A project that is queried: its rows, its classifiers, and a cache of results. */
export class Project {
  /** The key of the project in pictures and windows, the same after a restart. */
  readonly key: string
  /** Real path of its file. */
  readonly file: string
  readonly db: Readable
  readonly #runtimeOf: RuntimeOf
  readonly #cache = new LRUCache<string, { readonly value: unknown; readonly bytes: number }>({
    maxSize: BOUNDS.cacheBytes,
    sizeCalculation: ({ bytes }) => Math.max(1, bytes),
  })

  constructor(file: string, db: Readable, runtimeOf: RuntimeOf) {
    this.key = keyOf(file)
    this.file = file
    this.db = db
    this.#runtimeOf = runtimeOf
  }

  /**
   * A model of the project, by the hash of its network (current description), or by the key of a classifier. It stays in
   * memory while its file is the same.
   * @throws UserError when its file is missing or has changed
   */
  classifier(model: string): Promise<Classifier> {
    return openClassifier(this.db, classifierNamed(this.db, model))
  }

  /** The runtime for queries that need the network. */
  runtime(classifier: Classifier): Promise<Runtime> {
    return this.#runtimeOf(classifier)
  }

  /** Computes a value, or returns it from the cache. @param bytes approximate size of the value */
  cached<T>(name: string, compute: () => T, bytes: (value: T) => number): T {
    const hit = this.#cache.get(name)
    // A name is used for one type only.
    if (hit !== undefined) return hit.value as T
    const value = compute()
    this.#cache.set(name, { value, bytes: bytes(value) })
    return value
  }

  /** The cached value of a name; undefined without one. */
  peek<T>(name: string): T | undefined {
    return this.#cache.get(name)?.value as T | undefined
  }

  /** Drops the cached value of a name. */
  forget(name: string): void {
    this.#cache.delete(name)
  }

  /** Drops cached values of an atlas that was changed or removed: its number may be reused. */
  forgetAtlas(id: number, layout?: number): void {
    for (const name of [...this.#cache.keys()])
      if (OF_ATLAS.exec(name)?.[1] === String(id) || name === `positions ${layout}`) this.#cache.delete(name)
  }

  protected clearCache(): void {
    this.#cache.clear()
  }
}

export const keyOf = (realPath: string): string => createHash('sha256').update(realPath).digest('hex').slice(0, 16)
