/** Runs whole workflows in OpenFn's own runtime, as its parent asks; needs --experimental-vm-modules. */
import run from '@openfn/runtime'

const names = [
  'debug',
  'info',
  'log',
  'success',
  'always',
  'warn',
  'error',
  'print',
  'json',
  'break',
  'proxy',
  'timer',
  'confirm',
]
const quiet = Object.fromEntries(names.map((name) => [name, () => {}]))

let runs = 0
process.on('message', async ({ plan, input, modules }) => {
  runs += 1
  try {
    const final = await run(plan, input, {
      logger: quiet,
      jobLogger: quiet,
      linker: { modules, cacheKey: `run ${runs}` },
    })
    process.send({ final })
  } catch (error) {
    process.send({ crash: `${error?.name}: ${error?.message}` })
  }
})
process.send({ ready: true })
