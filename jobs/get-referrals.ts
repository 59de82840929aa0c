/**
 * Finds open referrals to UNHCR.
 *
 * Needs: a credential for Primero. Leaves: `state.referrals` by their ids, `state.cursor`.
 */
import { pollReferrals } from 'primero-progres-exchange/operations/pollReferrals'

export default [pollReferrals()]
