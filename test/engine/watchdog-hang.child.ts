import Database from 'better-sqlite3'
import { watchParent } from '../../electron/engine/lifetime/watchdog.ts'

watchParent()
process.on('disconnect', () => process.exit())
process.send?.('ready', () => {
  // A query that never ends: the main thread hears neither signals nor the end of its channel.
  new Database(':memory:')
    .prepare('WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c')
    .get()
})
