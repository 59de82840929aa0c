import { createServer } from 'node:http'
import { request } from 'node:https'
import type { AddressInfo } from 'node:net'
import { describe, expect, test } from 'vitest'
import { type CertificateOptions, makeCertificates } from '../../src/simulator/certificates.ts'
import { startDtp } from '../../src/simulator/dtp/server.ts'
import { answerOf, closing } from './ask.ts'

const key = 'an-invented-subscription-key'
const number = '989-26-PRTITV-0000123'
const success = {
  status: 'Pending Acknowledgement',
  primero_user: 'cw1',
  case_id: 'c',
  progres_interventionnumber: number,
}
const failure = {
  case_id: null,
  primero_user: null,
  progres_interventionnumber: number,
  status: 'Delivery Fail',
  closure_reason: 'The birth date is missing.',
  request_type: 'Feedback',
}
const decision = {
  case_id: 'c',
  primero_user: 'cw1',
  progres_interventionnumber: number,
  status: 'acknowledged',
  closure_reason: 'No reason specified.',
  request_type: 'ReceiveDecisionOutgoingReferral',
}
const referral = {
  request_type: 'ReceiveIncomingReferral',
  id: '00000000-0000-4000-8000-000000000001#0123456789ab',
  primero_user: 'cw1',
  full_name: 'Case Worker One',
  position: 'Case Worker',
  email: 'cw1@example.org',
  phone: '+251900000001',
  owned_by_agency_id: 'UNICEF',
  service_implementing_agency: 'UNICEF',
  service_response_day_time: '2026-05-06T09:00:00.000Z',
  service_type: 'Alternative Care',
  service_type_other: null,
  service_referral_notes: 'Needs placement',
  name_first: 'Abel',
  name_last: 'Example',
  name_middle: null,
  date_of_birth: '2012-03-04',
  sex: 'female',
  address_current: 'Zone B',
  telephone_current: null,
  language: 'Nuer, Amharic',
}

const start = async (options = {}) => closing(await startDtp(options))

async function send(
  url: string,
  body: unknown,
  headers: Record<string, string> = { 'ocp-apim-subscription-key': key },
) {
  return answerOf(await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) }))
}

describe('DTP', () => {
  test('takes the two operations and remembers what it received', async () => {
    const dtp = await start()
    dtp.clock.freeze('2026-05-06T10:00:00Z')

    const answers = [
      await send(`${dtp.url}/ReceiveIncomingReferral`, referral),
      await send(`${dtp.url}/ReceiveDecisionOutgoingReferral`, success),
      await send(`${dtp.url}/ReceiveDecisionOutgoingReferral`, failure),
      await send(`${dtp.url}/ReceiveDecisionOutgoingReferral`, decision),
    ]

    expect(answers.map((one) => one.status)).toEqual([200, 200, 200, 200])
    expect(dtp.received[0]).toEqual({
      operation: 'ReceiveIncomingReferral',
      body: referral,
      status: 200,
      at: '2026-05-06T10:00:00.000Z',
    })
    expect(dtp.received.map((one) => one.operation).slice(1)).toEqual(Array(3).fill('ReceiveDecisionOutgoingReferral'))
  })

  test.each([
    ['ReceiveIncomingReferral', { ...referral, id: 'too-short' }, ['id']],
    ['ReceiveIncomingReferral', { ...referral, service_type: undefined }, ['service_type']],
    ['ReceiveIncomingReferral', { ...referral, date_of_birth: '2012-03-04T00:00:00Z' }, ['date_of_birth']],
    ['ReceiveIncomingReferral', { ...referral, protection_concerns: ['SC-UC'] }, ['protection_concerns']],
    ['ReceiveIncomingReferral', { ...referral, name_first: null, name_last: null }, ['name_first']],
    ['ReceiveIncomingReferral', [referral], ['body']],
    ['ReceiveDecisionOutgoingReferral', { ...success, request_type: 'Feedback' }, ['request_type']],
    ['ReceiveDecisionOutgoingReferral', { ...failure, closure_reason: undefined }, ['closure_reason']],
    ['ReceiveDecisionOutgoingReferral', { ...decision, status: 'accepted' }, ['status']],
    ['ReceiveDecisionOutgoingReferral', referral, ['status']],
  ])('answers 400 to %s with another shape', async (operation, body, wrong) => {
    const dtp = await start()

    const { status } = await send(`${dtp.url}/${operation}`, body)

    expect(status).toBe(400)
    expect(dtp.received).toMatchObject([{ operation, status: 400, wrong }])
  })

  test('answers as Azure API Management: 401 without or with a wrong key, 404 for anything else', async () => {
    const dtp = await start()
    const url = `${dtp.url}/ReceiveIncomingReferral`

    const missing = await send(url, referral, {})
    const wrong = await send(url, referral, { 'ocp-apim-subscription-key': 'x' })
    const operation = await send(`${dtp.url}/ReceiveNothing`, referral)
    const method = await answerOf(await fetch(url, { headers: { 'ocp-apim-subscription-key': key } }))

    expect(missing).toMatchObject({
      status: 401,
      body: { statusCode: 401, message: expect.stringContaining('missing') },
    })
    expect(wrong).toMatchObject({ status: 401, body: { statusCode: 401, message: expect.stringContaining('invalid') } })
    expect(operation).toMatchObject({ status: 404, body: { statusCode: 404, message: 'Resource not found' } })
    expect(method.status).toBe(404)
    expect(dtp.received).toEqual([])
  })
})

describe('over https', () => {
  const post = async (made: CertificateOptions, withClient: boolean, refuseAtHandshake = false) => {
    const { ca, server, client } = await makeCertificates(made)
    const dtp = await start({ tls: { ...server, ca }, refuseAtHandshake })
    return new Promise<{ status: number | undefined; body: string }>((resolve, reject) => {
      const sent = request(
        `${dtp.url}/ReceiveIncomingReferral`,
        {
          method: 'POST',
          ca,
          ...(withClient ? client : {}),
          headers: { 'ocp-apim-subscription-key': key, 'x-simulator-client-certificate': 'ok' },
        },
        (response) => {
          let body = ''
          response.setEncoding('utf8').on('data', (chunk: string) => {
            body += chunk
          })
          response.on('end', () => resolve({ status: response.statusCode, body }))
        },
      )
      sent.on('error', reject)
      sent.end(JSON.stringify(referral))
    })
  }

  test('a client certificate of the authority is accepted', async () => {
    expect(await post({}, true)).toMatchObject({ status: 200 })
  })

  test.each([
    ['none', {}, false, 'Client certificate required'],
    ['an expired one', { client: 'expired' }, true, 'CERT_HAS_EXPIRED'],
    ['one that is not valid yet', { client: 'not-yet-valid' }, true, 'CERT_NOT_YET_VALID'],
    ['one of another authority', { client: 'other-authority' }, true, 'Invalid client certificate'],
  ] as const)('%s is answered 403', async (_, made, withClient, words) => {
    const { status, body } = await post(made, withClient)

    expect(status).toBe(403)
    expect(JSON.parse(body)).toMatchObject({ statusCode: 403, message: expect.stringContaining(words) })
  })

  test('without one the connection can also be refused at the handshake', async () => {
    await expect(post({}, false, true)).rejects.toThrow()
  })

  test('the client refuses an expired or unknown server', async () => {
    await expect(post({ server: 'expired' }, true)).rejects.toThrow(/expired/)
    await expect(post({ server: 'other-authority' }, true)).rejects.toThrow()
  })
})

test('the UNHCR officer posts referrals and decisions to an inbox, in the words of proGres', async () => {
  const posts: { token: unknown; body: { interventions: Record<string, unknown>[]; request_type: string } }[] = []
  const inbox = createServer((incoming, outgoing) => {
    let text = ''
    incoming.on('data', (chunk) => {
      text += chunk
    })
    incoming.on('end', () => {
      posts.push({ token: incoming.headers['x-api-key'], body: JSON.parse(text) })
      outgoing.writeHead(200, { 'content-type': 'application/json' }).end('{"work_order_id":"w"}')
    })
  })
  await new Promise<void>((resolve) => inbox.listen(0, '127.0.0.1', resolve))
  const { port } = inbox.address() as AddressInfo
  const dtp = await start()
  const to = { url: `http://127.0.0.1:${port}/i/dtp-inbox`, token: 't' }

  const answer = await dtp.officer.sendReferral(to, { interventions: [], request_type: 'PrimeroOutgoingReferral' })
  await dtp.officer.decide(to, referral.id, 'rejected', 'Not applicable', 'Moved away')
  await new Promise((resolve) => inbox.close(resolve))

  expect(answer).toEqual({ status: 200, body: { work_order_id: 'w' } })
  expect(posts[1]?.token).toBe('t')
  expect(posts[1]?.body.request_type).toBe('PrimeroIncomingReferralDecision')
  expect(posts[1]?.body.interventions[0]).toMatchObject({
    progres_orgreferralid: referral.id,
    progres_reviewdecision: '125080001',
    progres_interoperabiltyreferralrejectionreason: '125080002',
    progres_interoperabilityreferralrejectionomment: 'Moved away',
  })
})
