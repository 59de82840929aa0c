/**
 * Puts UNHCR's referrals into Primero.
 *
 * Needs: a `PrimeroOutgoingReferral` message in `state.data`; a credential for Primero.
 * Leaves: `state.feedback`, what each sender is owed.
 */
import { deliverReferrals } from 'primero-progres-exchange/operations/deliverReferrals'
import { readReferrals } from 'primero-progres-exchange/operations/readReferrals'

export default [readReferrals(), deliverReferrals()]
