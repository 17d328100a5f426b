import { UserError } from '../../contract/errors.ts'

/** A reason why a picture cannot be used, in plain words, without the file's name. */
export class Refused extends Error {}

/**
 * A file that is not a usable photograph. Callers report it with its reason and continue: it is never silently dropped.
 * Whether the result may be cached depends on the failure: bytes that cannot be decoded remain so, while a file that
 * cannot be read (a missing folder, a disconnected drive) may be available next time.
 */
export class UnreadableImage extends UserError {
  readonly file: string
  /** In plain words, without the file's name: `the file is empty`. */
  readonly reason: string
  /** SHA-256 of the bytes that cannot be decoded; undefined where none could be read. */
  readonly hash: string | undefined

  constructor(
    file: string,
    reason: string,
    { hash, cause }: { readonly hash?: string; readonly cause?: unknown } = {},
  ) {
    super(`cannot read the image ${JSON.stringify(file)}: ${reason}`, { cause })
    this.file = file
    this.reason = reason
    this.hash = hash
  }
}

/** A file with other content than the expected photograph. It is never used instead. */
export class ChangedImage extends UnreadableImage {
  /** @param expected,found SHA-256, hex */
  constructor(file: string, expected: string, found: string) {
    super(
      file,
      `it has changed since it was sampled (sha256 ${expected.slice(0, 12)}…, now ${found.slice(0, 12)}…); restore it or build again`,
    )
  }
}
