import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import { oldNames } from '../../src/cli/oldNames.ts'
import type { Job } from '../../src/project/types.ts'
import { loadJob } from '../../src/run/job.ts'
import type { State } from '../../src/run/types.ts'
import { startDtp } from '../../src/simulator/dtp/server.ts'
import { startPrimero } from '../../src/simulator/primero/server.ts'
import { json, serve } from '../primero/server.ts'
import { running } from '../run/running.ts'

const folder = mkdtempSync(join(tmpdir(), 'legacy-'))
afterAll(() => rmSync(folder, { recursive: true }))
let count = 0

async function runOld(adaptor: string, script: string, input: State, configuration: Record<string, unknown> = {}) {
  count += 1
  const path = join(folder, `old-${count}.js`)
  writeFileSync(path, script)
  const job: Job = { key: 'old', name: 'old', adaptor: `@openfn/language-${adaptor}`, credential: 'c', body: { path } }
  return running({
    jobs: { old: [] },
    edges: ['trigger->old'],
    input,
    credential: 'c',
    options: {
      configurationOf: () => configuration,
      loadJob: (_, state) => loadJob(job, { state, oldNames: oldNames(job) }),
    },
  })
}

describe('http.post({ url, data, headers, agentOptions })', () => {
  test('resolves to an answer, with values taken from the state, and the credentials are not in it', async () => {
    const server = await serve(({ body }, response) => json(response, { got: JSON.parse(body) }))

    const { final } = await runOld(
      'primero',
      "fn(state => http.post({ url: state.configuration.url, data: { a: s => s.data.a }, headers: { 'X-Key': 'k' }, agentOptions: { rejectUnauthorized: true } })(state)\n" +
        '  .then(({ data, status, config }) => ({ ...state, told: data, status, config })));',
      { data: { a: 7 } },
      { url: server.url },
    )

    expect(server.seen).toMatchObject([
      { method: 'POST', headers: { 'x-key': 'k', 'content-type': 'application/json' } },
    ])
    expect(final).toMatchObject({ told: { got: { a: 7 } }, status: 200, config: { method: 'POST' } })
    expect(JSON.stringify(final)).not.toContain('X-Key')
  })

  test('an answer of 400 and more is thrown with its response', async () => {
    const server = await serve((_, response) => json(response, { reason: 'no' }, 422))

    const { final } = await runOld(
      'primero',
      'fn(state => http.post({ url: state.configuration.url, data: {} })(state).catch(e => ({ status: e.response.status, why: e.response.data.reason })));',
      { data: {} },
      { url: server.url },
    )

    expect(final).toEqual({ status: 422, why: 'no' })
  })
})

describe('post of the HTTP adaptor up to 6', () => {
  const configuration = (url: string) => ({ baseUrl: url })

  test('is put into the form of today', async () => {
    const server = await serve((_, response) => json(response, {}))

    await runOld(
      'http',
      "post('/x', { body: { a: $.data.a }, headers: { 'X-Key': 'k' } }, state => ({ ...state, called: true }));",
      { data: { a: 1 } },
      configuration(server.url),
    )

    expect(server.seen).toMatchObject([{ url: '/x', body: '{"a":1}', headers: { 'x-key': 'k' } }])
  })

  test('with a private key it is refused, and nothing is sent', async () => {
    const server = await serve((_, response) => json(response, {}))

    const { errors } = await runOld(
      'http',
      "post('/x', { body: {}, agentOptions: { key: 'PRIVATE', cert: 'c' } });",
      { data: {} },
      configuration(server.url),
    )

    expect(errors).toMatchObject([
      {
        code: 'CONFIGURATION',
        message: "post got a private key in its options. Today's HTTP adaptor would send it as part of the body.",
      },
    ])
    expect(server.seen).toEqual([])
  })

  test('the form of today passes unchanged', async () => {
    const server = await serve((_, response) => json(response, {}))

    await runOld(
      'http',
      "post('/x', { body: 'a text of a form' , other: 1 }, { headers: { 'X-Key': 'k' } });",
      { data: {} },
      configuration(server.url),
    )

    expect(server.seen).toMatchObject([{ body: '{"body":"a text of a form","other":1}', headers: { 'x-key': 'k' } }])
  })
})

test('state.error is the list of texts that the first platform had', async () => {
  const errors = {
    before: {
      source: 'runtime',
      name: 'JobError',
      severity: 'fail',
      message: 'Service value shared is unknown',
      step: 'before',
    },
  } as const

  const { final } = await runOld(
    'common',
    "let reason = 'none';\nfor (const text of state.error) if (String(text).includes('Service value shared')) reason = 'service';\nfn(s => ({ reason }));",
    { data: {}, errors },
  )

  expect(final).toEqual({ reason: 'service' })
})

/** Written for this test in the manner of the pilot's jobs of 2022: global state, callbacks, http with agentOptions. */
const pilotLike = `
const statusMap = { 1: 'accepted', 2: 'rejected' };
each(
  state.data.decisions,
  fn(state => {
    const { case_id } = state.data;
    return getCases({ remote: true, case_id }, next => {
      const found = next.data.length;
      return { ...next, told: [...(next.told ?? []), { case_id, found, means: statusMap[state.data.code] }] };
    })(state);
  })
);
fn(state => {
  return http
    .post({
      url: state.configuration.urlDTP,
      headers: { 'Ocp-Apim-Subscription-Key': state.configuration.subscriptionKey },
      data: { anything: state.told },
    })(state)
    .then(({ status }) => ({ ...state, status }))
    .catch(error => {
      error.config = 'REDACTED';
      return { ...state, status: error.response.status };
    });
});
`

test('an old script in the manner of the pilot runs unmodified against the simulated systems', async () => {
  const [primero, dtp] = await Promise.all([startPrimero(), startDtp()])
  onTestFinished(async () => {
    await Promise.all([primero.close(), dtp.close()])
  })
  const { user, password } = primero.account

  const { state, final, errors } = await runOld(
    'primero',
    pilotLike,
    { data: { decisions: [{ case_id: 'none-of-them', code: 1 }] } },
    {
      url: primero.url,
      user,
      password,
      basicAuth: true,
      urlDTP: `${dtp.url}/ReceiveIncomingReferral`,
      subscriptionKey: dtp.subscriptionKey,
    },
  )

  expect(errors).toEqual([])
  expect(state).toBe('success')
  expect(final).toMatchObject({ status: 400, told: [{ case_id: 'none-of-them', found: 0, means: 'accepted' }] })
  expect(primero.requests.length).toBeGreaterThan(0)
  expect(dtp.requests).toHaveLength(1)
})
