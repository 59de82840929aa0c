/**
 * Reads the focal points' decisions on UNHCR's referrals.
 *
 * Needs: a credential for Primero. Leaves: `state.decisions` that UNHCR was not told yet, `state.cursor`.
 */
import { pollDecisions } from 'primero-progres-exchange/operations/pollDecisions'

export default [pollDecisions()]
