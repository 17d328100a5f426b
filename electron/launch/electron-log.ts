import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/** A line in the form of Chromium's log: [process:date/time:LEVEL:source.cc(line)] message. */
const chromium = /^\[(?:\d+:)*\d{4}\/\d{6}\.\d+:(?<level>[A-Z0-9]+):(?:[\w.-]+\/)*(?<source>\w+\.cc)(?:\(|:)\d+\)?\]/
/**
 * Sources in Chromium that log errors on bare and virtual displays about what Portolan does not need: the message bus of
 * a desktop, and hardware acceleration where there is no graphics processor (renderer/atlas/graphics.ts reports that).
 */
const HARMLESS: ReadonlySet<string> = new Set([
  ...['bus.cc', 'object_proxy.cc'],
  ...['viz_main_impl.cc', 'gpu_process_host.cc', 'gpu_channel_manager.cc', 'command_buffer_proxy_impl.cc'],
  ...['gl_factory.cc', 'gl_display.cc', 'gl_surface_egl.cc', 'gl_surface_presentation_helper.cc', 'egl_util.cc'],
  ...['vaapi_wrapper.cc', 'vulkan_instance.cc', 'angle_platform_impl.cc', 'sandbox_linux.cc'],
])

/** Whether a line of Electron's standard error is of no use to users of the window. */
export const isHarmless = (line: string): boolean => {
  const found = chromium.exec(line)?.groups
  return found !== undefined && found['level'] !== 'FATAL' && HARMLESS.has(found['source']!)
}

/** Everything that Electron writes to standard error, in a file that each start overwrites. */
export class ElectronLog {
  readonly file: string

  constructor(file: string) {
    this.file = file
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, '')
  }

  /** @returns whether the line is to be shown as well */
  add(line: string): boolean {
    try {
      appendFileSync(this.file, `${line}\n`)
    } catch {
      // A full disk must not close the window.
    }
    return !isHarmless(line)
  }
}
