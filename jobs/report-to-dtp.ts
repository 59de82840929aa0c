/**
 * Tells UNHCR, for each intervention, that it was delivered or why not.
 *
 * Needs: `state.feedback` of receive-referrals; a credential for DTP.
 */
import { reportToDtp } from 'primero-progres-exchange/operations/reportToDtp'

export default [reportToDtp()]
