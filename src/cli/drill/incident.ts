import type { DrillStage } from './stage.ts'

/** What a trainee meets, once its scene is set. */
export interface Scene {
  /** What is seen, and what somebody says on the phone. */
  readonly seen: string
  /** The right act, as the commands do it. */
  readonly act: () => Promise<void>
  /** What is not as it should be; undefined: the incident is over, and well. */
  readonly wrong: () => Promise<string | undefined>
  readonly lesson: string
}

export interface Incident {
  readonly title: string
  /** Changes the copy of the project before the exchange starts. */
  readonly prepare?: (project: string, country: string) => void
  readonly scene: (stage: DrillStage) => Promise<Scene>
}

export interface EntryRow {
  readonly id: string
  readonly state: string
  readonly code: string | null
}

interface EffectRow {
  readonly key: string
  readonly state: string
}

/** A command, typed by whoever acts. */
export async function acted(stage: DrillStage, ...args: readonly string[]): Promise<void> {
  await stage.command(...args)
}

export async function entry(stage: DrillStage, id: string): Promise<EntryRow | undefined> {
  return (await stage.list<EntryRow>('entries', '/api/entries')).find((one) => one.id === id)
}

export function inDoubt(stage: DrillStage): Promise<readonly EffectRow[]> {
  return stage.list<EffectRow>('effects', '/api/effects?state=in_doubt')
}

/** Referrals that UNHCR received. */
export function sent({ dtp }: DrillStage): number {
  return dtp.received.filter(({ operation }) => operation === 'ReceiveIncomingReferral').length
}
