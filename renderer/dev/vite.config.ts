import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { pictures } from './pictures.ts'

/** The window in a plain page, on made-up projects: `npx vite --config renderer/dev/vite.config.ts`. */
export default defineConfig({
  root: import.meta.dirname,
  cacheDir: '../../node_modules/.vite-window',
  plugins: [react(), pictures()],
  server: { port: 5199, host: '127.0.0.1' },
  css: { modules: { generateScopedName: '[name]-[local]' } },
})
