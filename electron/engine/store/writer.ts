import { UserError } from '../../contract/errors.ts'
import type { Writer } from '../../contract/jobs.ts'
import { isRunning, thisProcess } from './process.ts'
import { command, type None, query, type Readable } from './sql.ts'

/** The command of a window, which locks a project as long as it shows it. */
export const WINDOW_COMMAND = 'the Portolan window'

interface WriterRow extends Writer {
  readonly token: string
  readonly started: string | null
}

const selectWriter = query<None, WriterRow>(`
  SELECT token, pid, host, started, command, since FROM writer
`)
export const selectToken = query<None, { token: string }>('SELECT token FROM writer')
export const replaceWriter = command<WriterRow>(`
  INSERT OR REPLACE INTO writer (one, token, pid, host, started, command, since)
  VALUES (1, @token, @pid, @host, @started, @command, @since)
`)
export const deleteWriter = command<{ token: string }>('DELETE FROM writer WHERE token = @token')
export const deleteAnyWriter = command<None>('DELETE FROM writer')

export const writerRow = (token: string, commandLine: string, since: number): WriterRow => ({
  token,
  command: commandLine,
  since,
  ...thisProcess(),
})

/** The current writer of a project; undefined without one, or if its process has ended. */
export const currentWriter = (db: Readable): Writer | undefined => {
  const row = db.one(selectWriter, {})
  if (row === undefined || !isRunning(row)) return undefined
  const { pid, host, command, since } = row
  return { pid, host, command, since }
}

export const lockedBy = (file: string, writer: Writer): UserError => {
  const owner = `"${writer.command}" (process ${writer.pid} on ${writer.host}, since ${new Date(writer.since).toISOString()})`
  const remedy =
    writer.command === WINDOW_COMMAND && writer.host === thisProcess().host
      ? 'close the project in that window first'
      : writer.host === thisProcess().host
        ? `wait for it, or stop it with "portolan jobs cancel ${file}"`
        : `wait for it, or, if that machine no longer runs it, unlock the project with "portolan project unlock ${file}"`
  return new UserError(`${file} is being written by ${owner}: ${remedy}`)
}

export const takenOver = (file: string): UserError =>
  new UserError(
    `${file} was locked by another process while this one was writing: run the same command again when that has ended`,
  )
