/** The n-th invented referral as DTP posts it: ids counted up, so that no two messages are the same. */
export function referralMessage(n: number): string {
  const number = String(n).padStart(7, '0')
  return JSON.stringify({ interventions: [intervention(number)], request_type: 'PrimeroOutgoingReferral' })
}

export const interventionNumber = (n: number) => `990-26-PRTITV-${String(n).padStart(7, '0')}`

function intervention(number: string): Readonly<Record<string, unknown>> {
  return {
    progres_interventionnumber: `990-26-PRTITV-${number}`,
    progres_lpinterventionid: `00000000-0000-4000-8000-00000${number}`,
    'interventiontype.progres_description': 'Alternative Care',
    progres_interventionstartdate: '2026-05-04T00:00:00Z',
    progres_interventiondescription: '<p>Foster placement ends in June</p>',
    'user.title': 'Protection Associate',
    'user.internalemailaddress': 'officer.one@example.org',
    'user.mobilephone': '+251900000001',
    'individuals.progres_id': `990-0${number}`,
    'individuals.progres_registrationgroupid': reference('progres_registrationgroup', `990-26-${number}`),
    'individuals.progres_givenname': 'Nyakuoth',
    'individuals.progres_familyname': 'Gatdet',
    'individuals.progres_dateofbirth': '2012-07-19T00:00:00Z',
    'individuals.progres_sex': '125080000',
    'individuals.progres_coalocationlevel1': reference('progres_locationlevel', 'Gambela'),
    'individuals.progres_coalocationlevel2': reference('progres_locationlevel', 'Kule'),
    'languages.progres_languagecodeid': reference('progres_languagecode', 'Nuer'),
  }
}

function reference(logicalName: string, name: string): Readonly<Record<string, unknown>> {
  return {
    Id: '00000000-0000-4000-8000-000000000001',
    LogicalName: logicalName,
    Name: name,
    KeyAttributes: [],
    RowVersion: null,
  }
}

/** UNHCR accepts the referral with this id. */
export function decisionMessage(referralId: string): string {
  const intervention = { progres_orgreferralid: referralId, progres_reviewdecision: '125080000' }
  return JSON.stringify({ interventions: [intervention], request_type: 'PrimeroIncomingReferralDecision' })
}
