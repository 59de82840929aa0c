import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, test } from 'vitest'
import { intervention, referralMessage, serviceRows, setStage } from '../flows/stage.ts'
import { repository } from '../project/folder.ts'

const read = (file: string) => readFileSync(join(repository, file), 'utf8')
const tracked = (...paths: string[]) =>
  execFileSync('git', ['ls-files', ...paths], { cwd: repository, encoding: 'utf8' })
    .split('\n')
    .filter(Boolean)

describe('D23, D24: needs and priority were dropped without a word, and before that paired with wrong codes by their position', () => {
  it('they are not exchanged: nothing of them is written', async () => {
    const stage = await setStage()
    const needs = {
      'specificneeds.progres_spncategory2': { Name: 'Child at risk' },
      'specificneeds.progres_spnsubcategory2': { Name: 'No legal documentation' },
      spncategory2code: 'LP',
      spnsubcategory2code: 'LP-ND',
      'childprotection.progres_priority': '125080001',
    }

    await stage.accept(referralMessage(intervention(1, needs)))
    await stage.work()

    expect(serviceRows(stage, '990-26-PRTITV-0000001')).toHaveLength(1)
    expect(JSON.stringify(stage.primero.content.cases())).not.toMatch(
      /LP-ND|documentation|at risk|protection_concerns|1250800/,
    )
  })
})

describe('D92: a migration put a production project on test credentials and adaptors at "latest"', () => {
  test('every package and every adaptor has one exact version', () => {
    const packages = JSON.parse(read('package.json'))
    const versions = Object.values<string>({
      ...packages.dependencies,
      ...packages.optionalDependencies,
      ...packages.devDependencies,
    })
    const adaptors = [...read('project.yaml').matchAll(/adaptor: ['"]?(\S+?)['"]?$/gm)].map(([, adaptor]) => adaptor)

    expect(versions.filter((version) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([])
    expect(adaptors.length).toBeGreaterThan(0)
    expect(adaptors.filter((adaptor) => !/@\d+\.\d+\.\d+$/.test(adaptor ?? ''))).toEqual([])
  })

  test('no address of either system stands in the project or in code: one environment names both', () => {
    const holding = tracked('project.yaml', 'jobs', 'src', 'mappings').filter((file) => {
      // Examples in the help of a command are at example.org.
      return /https?:\/\/(?![\w.-]*example\.org)[^\s'"`)]*(primero|unhcr|azure-api)/i.test(read(file))
    })

    expect(holding).toEqual([])
  })
})

test('D95: the mapping stood in four places; no code of a picklist is in code, only in mappings', () => {
  const codes = /'(alternative_care|food|language\d+|focuses_\w+|external_referral|acknowledged|1250800\d\d|UNICEF)'/
  const production = tracked('jobs', 'src').filter((file) => !/^src\/(simulator\/|cli\/(demo|drill))/.test(file))

  expect(production.length).toBeGreaterThan(100)
  expect(production.filter((file) => codes.test(read(file)))).toEqual([])
})
