// Holds a project as its writer, until it is killed.
import { openProject } from '../../../electron/engine/store/open.ts'

const [file] = process.argv.slice(2)
openProject(file!, { mode: 'write', who: { command: 'portolan hold' } })
process.stdout.write('held\n')
setInterval(() => {}, 1000)
