/** What the role of an account may do and see. */
export type Permission =
  | 'case:read'
  | 'case:write'
  | 'case:create'
  | 'case:enable_disable_record'
  | 'referral'
  | 'receive_referral'
  | 'remove_assigned_users'
  | 'user:read'
  | 'user:write'
  | 'agency:read'
  | 'role:read'
  | 'audit_log:read'
  | 'role:read'

export type Scope = 'self' | 'group' | 'agency' | 'all'

/** Names of case fields; `all`: every field of every form. */
export type FieldNames = 'all' | readonly string[]

export interface Role {
  readonly unique_id: string
  /** Whose cases it sees: `self`: owned by or assigned to the user. */
  readonly visible: Scope
  readonly permissions: readonly Permission[]
  /** Fields of the forms the role holds, read or write: only these filter a list. */
  readonly filterable: FieldNames
  readonly readable: FieldNames
  /** Fields of the forms it may write. */
  readonly writable: FieldNames
  /** `system` and `maintenance` roles cannot receive referrals (2.14). */
  readonly category?: 'system' | 'maintenance'
}

const everyField = { filterable: 'all', readable: 'all', writable: 'all' } as const

/** The roles that users of a seed name; an unknown name counts as the integration role. */
export const roles: Readonly<Record<string, Role>> = {
  'role-cp-case-worker': {
    unique_id: 'role-cp-case-worker',
    visible: 'self',
    permissions: ['case:read', 'case:write', 'case:create', 'referral', 'receive_referral'],
    ...everyField,
  },
  'role-cp-service-provider': {
    unique_id: 'role-cp-service-provider',
    visible: 'self',
    permissions: ['case:read', 'case:write', 'receive_referral'],
    ...everyField,
  },
  'role-cp-manager': {
    unique_id: 'role-cp-manager',
    visible: 'group',
    permissions: ['case:read', 'case:write', 'case:create', 'referral', 'receive_referral', 'user:read'],
    ...everyField,
  },
  'role-cp-administrator': {
    unique_id: 'role-cp-administrator',
    visible: 'all',
    permissions: ['case:read', 'user:read', 'agency:read'],
    ...everyField,
  },
}

/** What the role of an exchange needs, and no more. */
export const leastPermissions: readonly Permission[] = [
  'case:read',
  'case:write',
  'case:create',
  'receive_referral',
  'user:read',
]

/** The role of the integration account where a test says nothing else. */
export const integrationRole: Role = {
  unique_id: 'role-integration',
  visible: 'all',
  permissions: [
    'case:read',
    'case:write',
    'case:create',
    'case:enable_disable_record',
    'referral',
    'receive_referral',
    'user:read',
    'agency:read',
  ],
  ...everyField,
}

export function allows(role: Role, permission: Permission): boolean {
  return role.permissions.includes(permission)
}
