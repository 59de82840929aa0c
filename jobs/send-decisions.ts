/**
 * Tells UNHCR what the focal points decided.
 *
 * Needs: `state.decisions` and `state.cursor` of get-decisions; a credential for DTP.
 */
import { tellDecisions } from 'primero-progres-exchange/operations/tellDecisions'

export default [tellDecisions()]
