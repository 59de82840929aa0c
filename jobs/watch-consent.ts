/**
 * Looks after the referrals that UNHCR has: where consent was withdrawn since, a person gets a notice of whom to tell.
 *
 * Needs: a credential for Primero. Leaves: notices, and alerts for those that nobody acted on.
 */
import { remindOfNotices } from 'primero-progres-exchange/operations/remindOfNotices'
import { watchConsent } from 'primero-progres-exchange/operations/watchConsent'

export default [watchConsent(), remindOfNotices()]
