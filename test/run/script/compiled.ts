import { type Compiled, compileScript, type KnownModule } from '../../../src/run/script/compile.ts'
import { moduleOf } from '../../../src/run/script/module.ts'

export const http: KnownModule = {
  specifier: '@openfn/language-http',
  exports: new Set(['fn', 'get', 'post', 'each', 'field', 'execute', 'fnIf', 'util', 'dateFns', 'combine']),
}
export const collections: KnownModule = {
  specifier: '@openfn/language-collections',
  exports: new Set(['collections']),
}

export function compiled(source: string, adaptors: readonly KnownModule[] = [http]): Compiled {
  return compileScript(source, { adaptors })
}

/** The module that a script becomes, on one line, without the imports of the adaptor. */
export function body(source: string): string {
  const code = moduleCode(source)
  return onOneLine(code.replace(/^import \{ (?!defer)[^}]*\} from "@openfn[^;]*;\nexport \* from [^;]*;\n/m, ''))
}

export function moduleCode(source: string, adaptors: readonly KnownModule[] = [http]): string {
  const found = compiled(source, adaptors)
  if ('problems' in found) throw new Error(found.problems.map(({ message }) => message).join('\n'))
  return moduleOf(found.script).code
}

/** `line:column  message hint`, for all problems. */
export function problems(source: string, adaptors: readonly KnownModule[] = [http]): readonly string[] {
  const found = compiled(source, adaptors)
  const list = 'problems' in found ? found.problems : found.script.warnings
  return list.map(({ place, message, hint }) => `${place.line}:${place.column}  ${message}${hint ? ` ${hint}` : ''}`)
}

export function onOneLine(code: string): string {
  return code.replace(/\s+/g, ' ').replace(/\( /g, '(').trim()
}
