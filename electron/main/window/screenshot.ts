import { writeFile } from 'node:fs/promises'
import type { BrowserWindow } from 'electron'
import { reason } from '../../contract/errors.ts'
import { log } from '../log.ts'

/** Saves a screenshot of a window as PNG every 15 seconds until it is closed. */
export function autosaveScreenshot(window: BrowserWindow, file: string): void {
  const save = async (): Promise<void> => {
    try {
      const picture = await window.webContents.capturePage()
      if (!picture.isEmpty()) await writeFile(file, picture.toPNG())
    } catch (error) {
      clearInterval(timer)
      if (!window.isDestroyed()) log(`cannot save a screenshot of the window as ${file}: ${reason(error)}`)
    }
  }
  const timer = setInterval(() => void save(), 15_000)
  window.once('closed', () => clearInterval(timer))
}
