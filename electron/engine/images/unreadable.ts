import { UserError } from '../../contract/errors.ts'

/** A reason why a picture cannot be used, in plain words, before it is known which file it is. */
export class Refused extends Error {}

/** A file that is not a photograph we can use. Callers list it with its reason and go on: it is never silently dropped. */
export class UnreadableImage extends UserError {
  readonly file: string
  /** In plain words, without the file's name: `the file is empty`. */
  readonly reason: string

  constructor(file: string, reason: string, cause?: unknown) {
    super(`cannot read the image ${JSON.stringify(file)}: ${reason}`, { cause })
    this.file = file
    this.reason = reason
  }
}
