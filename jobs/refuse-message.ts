/** Leaves a message of no known kind to a person. Needs: nothing. */
import { refuseMessage } from 'primero-progres-exchange/operations/refuseMessage'

export default [refuseMessage()]
