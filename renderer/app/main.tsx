import { QueryClientProvider } from '@tanstack/react-query'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { client } from '../state/queries.ts'
import { followTheme } from '../state/settings.ts'
import '../ui/fonts.css'
import '../ui/tokens.css'
import { App } from './App.tsx'

const root = document.getElementById('root')
if (root === null) throw new Error('the page has no #root')
followTheme()
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={client}>
      <App />
    </QueryClientProvider>
  </StrictMode>,
)
