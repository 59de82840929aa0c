export type Row = Readonly<Record<string, unknown>>

export interface Child {
  /** Of the intervention. */
  readonly number: string
  readonly individualNo: string
  /** One row as DTP sends it. */
  row(changes?: Row): Row
  /** The message with that row alone. */
  message(changes?: Row): Row
}

let count = 0

/** Another invented child, with numbers that no other test of the file has. */
export function newChild(): Child {
  count += 1
  const digits = String(count).padStart(7, '0')
  const number = `990-26-PRTITV-${digits}`
  const individualNo = `990-0${digits}`
  const row = (changes: Row = {}): Row => ({
    progres_interventionnumber: number,
    'interventiontype.progres_description': 'Alternative Care',
    progres_interventionstartdate: '2026-05-04T00:00:00Z',
    progres_interventiondescription: '<p>Needs placement</p>',
    'user.title': 'Protection Associate',
    'user.internalemailaddress': 'officer.one@example.org',
    'user.mobilephone': '+251900000001',
    'individuals.progres_id': individualNo,
    'individuals.progres_registrationgroupid': { LogicalName: 'progres_registrationgroup', Name: `990-26-${digits}` },
    'individuals.progres_givenname': 'Nyamal',
    'individuals.progres_familyname': 'Invented',
    'individuals.progres_dateofbirth': '2016-02-29T00:00:00Z',
    'individuals.progres_sex': '125080000',
    'languages.progres_languagecodeid': { LogicalName: 'progres_languagecode', Name: 'Nuer' },
    ...changes,
  })
  return { number, individualNo, row, message: (changes) => referrals(row(changes)) }
}

export function referrals(...interventions: readonly unknown[]): Row {
  return { interventions, request_type: 'PrimeroOutgoingReferral' }
}

/** A decision of UNHCR on the referral with this id. */
export function decision(referralId: unknown, changes: Row = {}): Row {
  return {
    interventions: [{ progres_orgreferralid: referralId, progres_reviewdecision: '125080000', ...changes }],
    request_type: 'PrimeroIncomingReferralDecision',
  }
}
