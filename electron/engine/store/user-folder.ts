import { homedir } from 'node:os'
import { join } from 'node:path'

/** Where Portolan keeps what belongs to the user and the machine, not to a project; main says where. */
export const userFolder = (): string => process.env['PORTOLAN_DATA'] || join(homedir(), '.portolan')
