import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { Problem } from './types.ts'

type Chosen = { readonly country: string } | { readonly problems: readonly Problem[] }

const manifest = z.object({ exchange: z.object({ country: z.string().optional() }).optional() })
const file = 'package.json'
const hint = 'Set COUNTRY, or exchange.country in package.json.'

/** The country whose mappings are in force: the one asked for, else `exchange.country` of the project's package.json. */
export function chooseCountry(root: string, asked: string | undefined): Chosen {
  if (asked !== undefined && asked !== '') return { country: asked }
  const path = join(root, file)
  if (!existsSync(path)) return { problems: [{ file, message: 'there is no such file to name the country.', hint }] }
  try {
    const country = manifest.parse(JSON.parse(readFileSync(path, 'utf8'))).exchange?.country
    return country === undefined
      ? { problems: [{ file, message: 'exchange.country: is missing.', hint }] }
      : { country }
  } catch {
    return { problems: [{ file, message: 'exchange.country: cannot be read; the file is not what npm wants.', hint }] }
  }
}
