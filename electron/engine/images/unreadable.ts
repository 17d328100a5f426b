import { UserError } from '../../contract/errors.ts'

/** A reason why a picture cannot be used, in plain words, before it is known which file it is. */
export class Refused extends Error {}

/**
 * A file that is not a photograph we can use. Callers list it with its reason and go on: it is never silently dropped.
 * Whether it may be remembered depends on what was read: a picture that cannot be decoded stays so as long as its bytes
 * are the same, while a file that cannot be reached (a missing folder, a drive that is away) may be there next time.
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

/** A file that holds another picture than the one that is meant. It is never used in its place. */
export class ChangedImage extends UnreadableImage {
  /** @param expected,found SHA-256, hex */
  constructor(file: string, expected: string, found: string) {
    super(
      file,
      `it is another picture now than when it was sampled (sha256 ${expected.slice(0, 12)}…, now ${found.slice(0, 12)}…); restore it or build again`,
    )
  }
}
