import { faultsOfConnections } from './connection.ts'
import { faultsOfDtp } from './dtp.ts'
import { faultsOfMessages } from './messages.ts'
import { faultsOfPrimero } from './primero.ts'
import { faultsOfTime } from './time.ts'

// One file for vitest: loading jobs and simulators costs more than most of these tests.
faultsOfDtp()
faultsOfConnections()
faultsOfPrimero()
faultsOfMessages()
faultsOfTime()
