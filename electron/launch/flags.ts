import type { Display } from './display.ts'

/** Arguments that Electron takes before the application's folder. */
export const electronFlags = (display: Display): readonly string[] => [
  // Chromium refuses to build its sandbox as root; the window's own sandboxing (no Node, isolated bridge) stays.
  ...(process.platform === 'linux' && process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  ...display.flags,
]
