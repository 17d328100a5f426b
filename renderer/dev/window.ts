import { bridge, tell, written } from './fake-bridge.ts'

Object.assign(window, { portolan: bridge, tell, written })
await import('../app/main.tsx')
