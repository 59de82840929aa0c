import { incoming } from './incoming.ts'
import { outgoing } from './outgoing.ts'

/** The six that are rehearsed, in this order. */
export const incidents = [...incoming, ...outgoing]
