import { processClaims } from './processes.ts'
import { sqlitePlace } from './sqlitePlace.ts'

processClaims('processes that share a folder', sqlitePlace)
