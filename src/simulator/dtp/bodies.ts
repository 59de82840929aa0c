import { z } from 'zod'

/**
 * The bodies that proGres agreed to take. Unknown keys are refused: only the agreed fields may leave Primero.
 *
 * @source docs/systems.md §DTP/referral-out, §DTP/feedback, §DTP/decision-out
 */
export const operations = ['ReceiveIncomingReferral', 'ReceiveDecisionOutgoingReferral'] as const
export type Operation = (typeof operations)[number]

const filled = z.string().min(1)
const perhaps = z.string().nullable().optional()

const incomingReferral = z
  .strictObject({
    request_type: z.literal('ReceiveIncomingReferral'),
    /** case_id, #, last 12 characters of the service row's id: 49 characters. */
    id: z
      .string()
      .regex(/^.+#[0-9a-f-]{12}$/)
      .max(49),
    primero_user: filled,
    full_name: filled,
    position: filled,
    email: filled,
    phone: filled,
    owned_by_agency_id: filled,
    service_implementing_agency: filled,
    service_response_day_time: z.iso.datetime({ offset: true }),
    service_type: filled,
    service_type_other: perhaps,
    service_referral_notes: filled,
    unhcr_individual_no: perhaps,
    unhcr_id_no: perhaps,
    name_first: perhaps,
    name_middle: perhaps,
    name_last: perhaps,
    name_nickname: perhaps,
    date_of_birth: z.iso.date(),
    sex: filled,
    address_current: perhaps,
    telephone_current: perhaps,
    language: perhaps,
  })
  .refine((body) => Boolean(body.name_first || body.name_last), { message: 'a name is required', path: ['name_first'] })

const feedbackOfSuccess = z.strictObject({
  status: z.literal('Pending Acknowledgement'),
  primero_user: filled,
  case_id: filled,
  progres_interventionnumber: filled,
})

const feedbackOfFailure = z.strictObject({
  status: z.literal('Delivery Fail'),
  primero_user: z.string().nullable(),
  case_id: z.string().nullable(),
  progres_interventionnumber: filled,
  closure_reason: filled,
  request_type: z.literal('Feedback'),
})

const decision = z.strictObject({
  case_id: filled,
  primero_user: filled,
  progres_interventionnumber: filled,
  status: z.enum(['acknowledged', 'rejected']),
  closure_reason: filled,
  request_type: z.literal('ReceiveDecisionOutgoingReferral'),
})

const shapes: Readonly<Record<Operation, z.ZodType>> = {
  ReceiveIncomingReferral: incomingReferral,
  ReceiveDecisionOutgoingReferral: z.discriminatedUnion('status', [feedbackOfSuccess, feedbackOfFailure, decision]),
}

/** The keys of a body that are wrong, missing or unknown; empty when it is as agreed. */
export function wrongKeys(operation: Operation, body: unknown): readonly string[] {
  const result = shapes[operation].safeParse(body)
  if (result.success) return []
  return [...new Set(result.error.issues.flatMap(keysOf))]
}

function keysOf(issue: z.core.$ZodIssue): readonly string[] {
  if (issue.code === 'unrecognized_keys') return issue.keys
  return [issue.path.join('.') || 'body']
}
