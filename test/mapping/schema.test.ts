import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  fieldsToDtpSchema,
  fieldsToPrimeroSchema,
  sentencesSchema,
  valueTableSchema,
  versionsSchema,
} from '../../src/mapping/schema.ts'
import { settingsSchema } from '../../src/mapping/settings.ts'
import { repository } from './gambella.ts'

const schemas: Record<string, [title: string, z.ZodType]> = {
  settings: ['Settings of a country', settingsSchema],
  versions: ['Released versions of a mapping specification', versionsSchema],
  'value-table': ['Value table', valueTableSchema],
  'fields.to-primero': ['Fields of a referral to Primero', fieldsToPrimeroSchema],
  'fields.to-dtp': ['Fields of a referral to DTP', fieldsToDtpSchema],
  sentences: ['Sentences for the other agency', sentencesSchema],
}

describe('JSON Schemas', () => {
  it.each(Object.entries(schemas))(
    '%s is what the zod schema says (written by vitest -u)',
    async (name, [title, schema]) => {
      const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input' })

      const text = `${JSON.stringify({ $schema, title, ...rest }, null, 2)}\n`

      await expect(text).toMatchFileSnapshot(join(repository, 'mappings/schema', `${name}.json`))
    },
  )
})
