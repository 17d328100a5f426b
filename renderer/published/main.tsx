import { QueryClientProvider } from '@tanstack/react-query'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import type { PublishedIndex } from '../../electron/contract/published.ts'
import { PUBLISHED_FORMAT } from '../../electron/contract/published.ts'
import { newestOfLayers } from '../app/saved-view.ts'
import { byDepth } from '../atlas/by-depth.ts'
import { reopen } from '../compare/reopen.ts'
import { setPictureSource } from '../state/pictures.ts'
import { client } from '../state/queries.ts'
import { followTheme } from '../state/settings.ts'
import { INITIAL, pane, restore, useView } from '../state/view.ts'
import '../ui/tokens.css'
import { Failure } from '../ui/controls.tsx'
import { goToAddress, writeAddress } from './address.ts'
import { bridge, publishedIndex } from './bridge.ts'
import { PublishedApp } from './PublishedApp.tsx'
import { followView, usePage } from './page-state.ts'
import { receiveParts } from './parts.ts'
import { publishedPictures } from './pictures.ts'

/** Layers that a wide page opens with. */
const LAYERS = 3
const WIDE = 1000
/** The address follows what is shown after it has rested this long, ms. */
const REST = 400

/** Up to three layers from early to late, and the first class atlas and comparison. */
function openFirst({ atlases, classAtlases, models }: PublishedIndex): void {
  const layers = byDepth(newestOfLayers(atlases), models[0])
  const shown = innerWidth < WIDE ? layers.slice(-1) : layers.slice(-LAYERS)
  restore({
    ...INITIAL,
    panes: shown.map(({ id }, at) => pane(at + 1, id)),
    minimap: true,
    inspectorOpen: innerWidth >= 1400,
  })
  for (const kind of ['class', 'comparison'] as const) {
    const first = classAtlases.find(({ scope }) => scope.kind === kind)
    if (first) reopen(first, first.scope.counts.before)
  }
}

/** Keeps the address in step with what is shown, both ways. */
function followAddress({ atlases, classAtlases }: PublishedIndex): void {
  const known = new Set(atlases.map(({ id }) => id))
  const open = (): boolean => goToAddress(location.hash.slice(1), known, classAtlases)
  open()
  let timer: ReturnType<typeof setTimeout> | undefined
  const write = (): void => {
    clearTimeout(timer)
    timer = setTimeout(() => writeAddress(classAtlases), REST)
  }
  addEventListener('hashchange', open)
  useView.subscribe(write)
  usePage.subscribe(write)
}

Object.assign(window, { portolan: bridge })
receiveParts()
setPictureSource(publishedPictures)
const root = createRoot(document.getElementById('root')!)
followTheme()
async function open(): Promise<void> {
  const index = await publishedIndex()
  if (index.format !== PUBLISHED_FORMAT)
    throw new Error('the data of this page are of another version: publish it again')
  openFirst(index)
  followView()
  followAddress(index)
  root.render(
    <StrictMode>
      <QueryClientProvider client={client}>
        <PublishedApp index={index} />
      </QueryClientProvider>
    </StrictMode>,
  )
}

open().catch(error => root.render(<Failure error={error instanceof Error ? error : new Error(String(error))} />))
