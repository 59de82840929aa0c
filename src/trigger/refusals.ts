/**
 * What a sender is told when a message is not accepted: status, code, sentence.
 *
 * The sentences are constants on purpose: nothing of the request is ever echoed, because a body that is refused is still
 * a body about a child.
 */
export const refusals = {
  unauthorized: { status: 401, error: 'Unauthorized' },
  not_found: { status: 404, error: 'Webhook not found' },
  address_not_allowed: {
    status: 403,
    error: 'address_not_allowed',
    message: 'This exchange takes no messages from the address that this one came from.',
  },
  signature_missing: {
    status: 401,
    error: 'signature_missing',
    message: 'The headers webhook-id, webhook-timestamp and webhook-signature must be there, each once.',
  },
  signature_stale: {
    status: 401,
    error: 'signature_stale',
    message: 'webhook-timestamp is no time in seconds, or more than five minutes away from the time here.',
  },
  signature_wrong: {
    status: 401,
    error: 'signature_wrong',
    message: 'No signature in webhook-signature belongs to this id, time and body.',
  },
  method_not_allowed: {
    status: 405,
    error: 'method_not_allowed',
    message: 'This address takes POST only.',
  },
  trigger_disabled: {
    status: 403,
    error: 'trigger_disabled',
    message: 'This workflow takes no messages at present: its trigger is disabled.',
  },
  too_many_requests: {
    status: 429,
    error: 'too_many_requests',
    message: 'More messages are under way than this exchange can hold. Send this one again later.',
  },
  too_many_failures: {
    status: 429,
    error: 'too_many_requests',
    message: 'Too many requests without a valid token came from this address.',
  },
  too_large: {
    status: 413,
    error: 'too_large',
    message: 'The body is larger than 10,485,760 bytes. Send fewer rows in one message.',
  },
  not_json_media: {
    status: 415,
    error: 'unsupported_media_type',
    message: 'The body must be sent as application/json in UTF-8.',
  },
  encoded: {
    status: 415,
    error: 'unsupported_encoding',
    message: 'The body must be sent as it is, without Content-Encoding.',
  },
  too_slow: {
    status: 408,
    error: 'too_slow',
    message: 'The body did not arrive in time.',
  },
  too_deep: {
    status: 400,
    error: 'json_too_deep',
    message: 'The JSON is nested deeper than 100 levels.',
  },
  too_many_keys: {
    status: 400,
    error: 'json_too_many_keys',
    message: 'The JSON has more than 200,000 keys. Send fewer rows in one message.',
  },
  not_json: { status: 400, error: 'not_json', message: 'The body is not JSON.' },
  not_utf8: { status: 400, error: 'not_utf8', message: 'The body is not text in UTF-8.' },
  not_object: {
    status: 400,
    error: 'not_object',
    message: 'The body must be a JSON object or a list.',
  },
  duplicate_key: {
    status: 400,
    error: 'json_duplicate_key',
    message: 'An object in the JSON has the same key twice.',
  },
  forbidden_key: {
    status: 400,
    error: 'json_forbidden_key',
    message: 'An object in the JSON has a key named __proto__, constructor or prototype.',
  },
  bad_text: {
    status: 400,
    error: 'json_bad_text',
    message: 'A text in the JSON holds a NUL character or half of a surrogate pair.',
  },
  bad_number: {
    status: 400,
    error: 'json_bad_number',
    message: 'A number in the JSON is too large.',
  },
  store_unavailable: {
    status: 503,
    error: 'store_unavailable',
    message: 'The message could not be stored. Send it again later.',
  },
  unforeseen: {
    status: 500,
    error: 'unforeseen',
    message: 'The message was not accepted because of a fault of this exchange. Its administrator has to look at it.',
  },
} as const satisfies Record<string, { readonly status: number; readonly error: string; readonly message?: string }>

export type Refusal = keyof typeof refusals

/** The body of the answer. 401 and 404 carry `error` alone, as OpenFn's do. */
export function refusalBody(refusal: Refusal): string {
  const { status: _status, ...body } = refusals[refusal]
  return JSON.stringify(body)
}
