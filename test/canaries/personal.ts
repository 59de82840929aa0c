import type { Kind } from './words.ts'

/** How a field is filled: one text, or a text with more round it (`note` keeps its HTML, `comments` is a log as JSON). */
export type Filling = Kind | 'note' | 'comments'

/**
 * Attributes of people in messages and cases, prefixes of joined entities left out. Of a lookup object each part is its
 * own: `{ Name: 'group', Id: 'guid' }`.
 */
export const personal: Readonly<Record<string, Filling | Readonly<Record<string, Filling>>>> = {
  // proGres
  title: 'word',
  internalemailaddress: 'email',
  mobilephone: 'phone',
  progres_businessowner: 'guid',
  progres_reviewby: 'guid',
  progres_id: 'individual',
  progres_individual: { '@name': 'individual', '#text': 'guid' },
  progres_individualid: 'guid',
  progres_registrationgroupid: { Name: 'group', Id: 'guid' },
  progres_id_registrationgroupid: { Name: 'group', Id: 'guid' },
  progres_givenname: 'word',
  progres_middlename: 'word',
  progres_familyname: 'word',
  progres_commonyusedname: 'word',
  progres_dateofbirth: 'day',
  progres_primaryphonenumber: 'phone',
  ...Object.fromEntries([1, 2, 3, 4, 5, 6].map((level) => [`progres_coalocationlevel${level}`, 'word'] as const)),
  progres_interventiondescription: 'note',
  progres_reasonforreferral: 'comments',
  progres_comments_nonrestrictedstore: 'comments',
  progres_interventionbyother: 'word',
  progres_interoperabilityreferralrejectionomment: 'word',
  progres_interoperabilityreferralrejectioncomment: 'word',
  progres_spncategory2: 'word',
  progres_spnsubcategory2: 'word',
  // Primero
  name: 'word',
  name_first: 'word',
  name_middle: 'word',
  name_last: 'word',
  name_nickname: 'word',
  name_other: 'word',
  date_of_birth: 'day',
  unhcr_individual_no: 'individual',
  unhcr_id_no: 'group',
  address_current: 'word',
  telephone_current: 'phone',
  other_notes: 'word',
  service_referral_notes: 'word',
  unhcr_referral_rejection_reason: 'word',
  rejected_reason: 'word',
  full_name: 'word',
  email: 'email',
  phone: 'phone',
  position: 'word',
}

/** Parts of a lookup object that hold its value; the others say what kind of thing it is. */
export const partsOfLookups: ReadonlySet<string> = new Set(['Name', 'Id', '@name', '#text'])

/** Ids of the two systems, codes of picklists, places and services, names of accounts, and times of the paperwork. */
export const notPersonal: ReadonlySet<string> = new Set([
  ...['request_type', '@morerecords', '@paging-cookie', 'progres_lpinterventionid', 'progres_interventionnumber'],
  ...['progres_interventiontype', 'progres_interventiontype2', 'progres_interventionsubtype2', 'progres_description'],
  ...[
    'progres_interventionstartdate',
    'progres_businessunit',
    'progres_partner',
    'progres_interventionserviceprovider',
  ],
  ...['progres_orgreferralid', 'progres_interoperabilityreferralid', 'progres_interoperabilityreferralnumber'],
  ...['progres_interoperabilityreferralrouteto', 'progres_interoperabilityreferralrejectionreason'],
  ...['progres_interoperabiltyreferralrejectionreason', 'progres_reviewdecision', 'progres_reviewdate'],
  ...['progres_sex', 'progres_priority', 'progres_languagecodeid', 'progres_mothertongue', 'progres_readlevel'],
  ...['progres_writelevel', 'progres_speaklevel', 'progres_comprehensionlevel', 'spncategory2code'],
  ...['spnsubcategory2code', 'interventions'],
  ...[
    'id',
    'case_id',
    'short_id',
    'case_id_display',
    'module_id',
    'status',
    'workflow',
    'sex',
    'language',
    'unique_id',
  ],
  ...['registration_date', 'date_closure', 'created_at', 'created_by', 'owned_by', 'last_updated_at'],
  ...['location_current', 'consent_for_services', 'disclosure_other_orgs', 'consent_reporting', 'unhcr_export_opt_in'],
  ...['service', 'service_type', 'service_response_type', 'service_response_day_time', 'service_referral'],
  ...['service_implementing_agency', 'service_implementing_agency_individual', 'service_request_agency'],
  ...['unhcr_referral_status', 'record_id', 'service_record_id', 'transitioned_by', 'transitioned_to', 'responded_at'],
  ...['user_name', 'locale', 'role_unique_id', 'user_group_unique_ids'],
  ...['organization', 'support_forum', 'system_version'],
])
