import { runCommandLine } from '../../electron/engine/cli/program.ts'

/** Runs command lines one after the other for runner.ts, in a process that may crash, hang or swell. */
process.on('message', (args: readonly string[]) => {
  let out = ''
  let err = ''
  void runCommandLine(args, {
    stdout: {
      write: text => {
        out += text
      },
    },
    stderr: {
      write: text => {
        err += text
      },
    },
    signal: new AbortController().signal,
    now: () => performance.now(),
  }).then(status => process.send?.({ status, out, err }))
})
process.send?.('ready')
