import { storeConformance } from '../store/conformance.ts'
import { processClaims } from '../store/processes.ts'
import { postgresPlace } from './place.ts'

storeConformance('a store on PostgreSQL', postgresPlace)
processClaims('processes that share a database', postgresPlace)
