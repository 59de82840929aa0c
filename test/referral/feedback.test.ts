import { expect, test } from 'vitest'
import { deliveredFeedback, failedFeedback } from '../../src/referral/gateway/dtp/feedback.ts'

const interventionNumber = '990-26-PRTITV-0000900'
const caseId = 'c0000000-0000-4000-8000-000000000900'

test('D36: a success carries no request_type; the shape DTP knows is kept exactly, key by key', () => {
  expect(JSON.stringify(deliveredFeedback({ interventionNumber, caseId, owner: 'intake' }))).toBe(
    '{"status":"Pending Acknowledgement","primero_user":"intake",' +
      '"case_id":"c0000000-0000-4000-8000-000000000900","progres_interventionnumber":"990-26-PRTITV-0000900"}',
  )
})

test('D34: a failure read fields that do not exist; case and owner are null where there is none', () => {
  expect(JSON.stringify(failedFeedback({ interventionNumber, sentence: 'A sentence.' }))).toBe(
    '{"case_id":null,"primero_user":null,"progres_interventionnumber":"990-26-PRTITV-0000900",' +
      '"status":"Delivery Fail","closure_reason":"A sentence.","request_type":"Feedback"}',
  )
})

test('D3: number, case and owner of a feedback are of one record', () => {
  expect(failedFeedback({ interventionNumber, caseId, owner: 'intake', sentence: 'A sentence.' })).toMatchObject({
    case_id: caseId,
    primero_user: 'intake',
    progres_interventionnumber: interventionNumber,
  })
})
