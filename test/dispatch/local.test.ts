import { startLocalDispatcher } from '../../src/store/dispatch/local.ts'
import { sqlitePlace } from '../store/sqlitePlace.ts'
import { dispatcherConformance } from './conformance.ts'

dispatcherConformance('the dispatcher of the embedded store', async () => ({
  ...(await sqlitePlace()),
  startDispatcher: async (options) => startLocalDispatcher(options),
}))
