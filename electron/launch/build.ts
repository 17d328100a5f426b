import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import react from '@vitejs/plugin-react'
import { build, type InlineConfig } from 'vite'
import { UserError } from '../contract/errors.ts'
import { licenseText, packagesOf } from './licenses.ts'

/**
 * Builds what runs in Electron into out/: main, preload and the page. The engine isn't built: the pinned Node runs its
 * TypeScript as it is.
 * @returns paths of the modules that the results contain, for their licences
 * @throws UserError where Vite cannot work: it takes # and ? in a path for parts of a URL
 */
export const buildAll = async (root: string): Promise<readonly string[]> => {
  if (/[#?]/.test(root))
    throw new UserError(
      `cannot build the window in ${root}: Vite takes no path with # or ? in it; move or rename the folder (the command line works where it is)`,
    )
  const modules: string[] = []
  for (const config of [script(root, 'main'), script(root, 'preload'), page(root)])
    modules.push(...modulesOf(await build(config)))
  return [...modules, ...(await buildPublished(root))]
}

/** Builds what published pages run, with the licences of the packages that its script contains. */
export const buildPublished = async (root: string): Promise<readonly string[]> => {
  const modules = modulesOf(await build(published(root)))
  await writeFile(
    join(root, 'out/published/licenses.txt'),
    licenseText('This page was made with Portolan (MIT), and contains parts of these packages:', packagesOf(modules)),
  )
  return modules
}

const modulesOf = (built: Awaited<ReturnType<typeof build>>): readonly string[] =>
  [built]
    .flat()
    .flatMap(each => ('output' in each ? each.output : []))
    .flatMap(output => (output.type === 'chunk' ? output.moduleIds : []))

/** CommonJS, because a sandboxed preload takes nothing else, and main before Electron 28 neither. */
const script = (root: string, name: 'main' | 'preload'): InlineConfig => ({
  configFile: false,
  root,
  logLevel: 'warn',
  publicDir: false,
  ssr: { noExternal: true },
  build: {
    ssr: join(root, `electron/${name}/${name}.ts`),
    outDir: join(root, 'out', name),
    emptyOutDir: true,
    target: 'node18',
    minify: false,
    rolldownOptions: {
      external: ['electron', /^node:/],
      output: { format: 'cjs', entryFileNames: `${name}.cjs`, codeSplitting: false },
    },
  },
})

const page = (root: string): InlineConfig => ({
  configFile: join(root, 'vite.config.ts'),
  root: join(root, 'renderer'),
  logLevel: 'warn',
})

/** One classic script and one style sheet: a page that was opened as a file may not load modules. */
const published = (root: string): InlineConfig => ({
  configFile: false,
  root: join(root, 'renderer/published'),
  logLevel: 'warn',
  publicDir: false,
  plugins: [react()],
  css: { modules: { generateScopedName: '[name]-[local]' } },
  build: {
    outDir: join(root, 'out/published'),
    emptyOutDir: true,
    // docs/publish.md names them.
    target: ['chrome114', 'firefox115', 'safari16.4'],
    chunkSizeWarningLimit: 2000,
    cssCodeSplit: false,
    rolldownOptions: {
      input: join(root, 'renderer/published/main.tsx'),
      output: { format: 'iife', entryFileNames: 'page.js', assetFileNames: 'page[extname]', codeSplitting: false },
    },
  },
})
