import { expect, test } from 'vitest'
import { createMappingWatch } from '../../src/cli/mappingWatch.ts'
import { createLog } from '../../src/log/log.ts'
import { createMetrics } from '../../src/log/metrics.ts'
import { copyOfMappings, loaded } from '../mapping/gambella.ts'

test('a file that changes while the exchange runs is said once and not taken over; put back, all is as before', async () => {
  const copy = await copyOfMappings()
  const specification = loaded(await copy.load())
  const lines: string[] = []
  const said: string[] = []
  const metrics = createMetrics()
  const watch = await createMappingWatch({
    root: copy.root,
    specification,
    store: { activity: { add: async ({ what }) => void said.push(what), list: async () => [] } },
    log: createLog({ level: 'info', write: (line) => void lines.push(line) }),
    metrics,
    now: () => new Date('2026-11-26T08:00:00Z'),
  })

  await watch.look()
  const before = watch.state()
  await copy.edit('v1/sex.json', '"progres": "Other"', '"progres": "OTHER"')
  await watch.look()
  await watch.look()
  const after = watch.state()
  await copy.edit('v1/sex.json', '"progres": "OTHER"', '"progres": "Other"')
  await watch.look()

  expect(before).toEqual({
    country: 'gambella',
    version: 'v1',
    hash: specification.hash,
    draft: true,
    next: null,
    files_changed_at: null,
  })
  expect(after).toEqual({ ...before, files_changed_at: '2026-11-26T08:00:00.000Z' })
  expect(said).toEqual(['MAPPING_CHANGED'])
  expect(lines.filter((line) => line.includes('MAPPING_CHANGED'))).toHaveLength(1)
  expect(await metrics.registry.metrics()).toContain('alerts_total{code="MAPPING_CHANGED"} 1')
  expect(watch.state()).toEqual(before)
})
