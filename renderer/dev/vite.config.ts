import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'
import { pictures } from './pictures.ts'

/** Leads the address that Vite prints to the window's page. */
const front: Plugin = {
  name: 'front',
  configureServer: ({ middlewares }) => {
    middlewares.use((request, response, next) => {
      if (request.url !== '/') return next()
      response.writeHead(302, { location: '/window.html' })
      response.end()
    })
  },
}

/** The window in a plain page, on synthetic projects: `npm run dev`. */
export default defineConfig({
  root: import.meta.dirname,
  cacheDir: '../../node_modules/.vite-window',
  plugins: [react(), pictures(), front],
  server: { port: 5199, host: '127.0.0.1' },
  css: { modules: { generateScopedName: '[name]-[local]' } },
})
