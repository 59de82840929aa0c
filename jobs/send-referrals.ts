/**
 * Sends open referrals to UNHCR, after a last look at consent.
 *
 * Needs: `state.referrals` and `state.cursor` of get-referrals; a credential for Primero and DTP.
 */
import { sendReferrals } from 'primero-progres-exchange/operations/sendReferrals'

export default [sendReferrals()]
