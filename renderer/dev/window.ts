import { bridge, emit, written } from './fake-bridge.ts'

Object.assign(window, { portolan: bridge, emit, written })
await import('../app/main.tsx')
