/** Lets this process import TypeScript from source (tsx) and adaptors by name. Import it before anything else. */
import { register as registerHook } from 'node:module'
import { register as registerTypeScript } from 'tsx/esm/api'

registerTypeScript()
const { adaptors } = await import('../src/project/adaptors.ts')
registerHook('./link.js', import.meta.url, { data: adaptors })
