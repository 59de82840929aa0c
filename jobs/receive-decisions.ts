/**
 * Applies UNHCR's decisions to the referrals that are open in Primero.
 *
 * Needs: a `PrimeroIncomingReferralDecision` message in `state.data`; a credential for Primero.
 */
import { applyDecisions, readDecisions } from 'primero-progres-exchange/operations/applyDecisions'

export default [readDecisions(), applyDecisions()]
