import { storeConformance } from './conformance.ts'
import { sqlitePlace } from './sqlitePlace.ts'

storeConformance('a store on SQLite', sqlitePlace)
