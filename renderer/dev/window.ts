import { bridge, tell } from './fake-bridge.ts'

Object.assign(window, { portolan: bridge, tell })
await import('../app/main.tsx')
