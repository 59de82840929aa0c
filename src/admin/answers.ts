import type { Context } from 'hono'

/** What the admin side answers when it does not do what was asked. Sentences are constants: no input is echoed. */
const failures = {
  unauthorized: { status: 401, message: 'Sign in with your name and password.' },
  forbidden: { status: 403, message: 'Your role may not do this.' },
  locked: { status: 429, message: 'Too many wrong passwords. Try again later.' },
  cross_site: { status: 403, message: 'A page of another site may not change anything here.' },
  wrong_form: {
    status: 403,
    message: 'The form is not one of this session. Go back, load the page again, and repeat.',
  },
  not_found: { status: 404, message: 'There is nothing at this address.' },
  unknown_workflow: { status: 404, message: 'The project has no workflow with this key.' },
  unknown_run: { status: 404, message: 'There is no run with this id.' },
  unknown_entry: { status: 404, message: 'There is no entry with this id.' },
  unknown_notice: { status: 404, message: 'There is no notice with this id.' },
  unknown_effect: { status: 404, message: 'The ledger has no effect with this key.' },
  needs_message: {
    status: 409,
    message: 'This workflow starts with a message. Post the message to /i/ and the key of the workflow.',
  },
  not_stuck: { status: 409, message: 'The entry is not stuck, or its payload is gone.' },
  notice_done: { status: 409, message: 'The notice was done before.' },
  not_in_doubt: { status: 409, message: 'The effect is not in doubt: it is settled already.' },
  length_required: { status: 411, message: 'Tell how long the body is.' },
  too_large: { status: 413, message: 'The body is larger than 64 KiB.' },
  store_unavailable: { status: 503, message: 'The store cannot be read or written now. Try again later.' },
  unforeseen: { status: 500, message: 'A fault of this exchange. The log has its name.' },
} as const

export type Failure = keyof typeof failures

/** `{"error": <failure>, "message": <sentence>}` with the failure's status. */
export function failed<F extends Failure>(c: Context, failure: F) {
  const status: (typeof failures)[F]['status'] = failures[failure].status
  const body: { error: string; message: string } = { error: failure, message: failures[failure].message }
  return c.json(body, status)
}

/** The request does not have the shape that the OpenAPI document gives. `fields` are names from that document. */
export function invalid(c: Context, fields: readonly string[]) {
  const message = `Not as described in /api/openapi.json: ${fields.join(', ') || 'the body'}.`
  return c.json({ error: 'invalid_request', message }, 400)
}
