/** Runs compiled scripts in OpenFn's own runtime, one after the other, as its parent asks; needs --experimental-vm-modules. */
import run from '@openfn/runtime'

const quiet = Object.fromEntries(
  [
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
  ].map((name) => [name, () => {}]),
)

process.on('message', async ({ code, input, configuration, modules }) => {
  const plan = { workflow: { steps: [{ id: 'job', expression: code, configuration }] }, options: {} }
  try {
    const final = await run(plan, input, { logger: quiet, jobLogger: quiet, linker: { modules } })
    process.send({ final })
  } catch (error) {
    process.send({ crash: error?.severity ?? error?.name ?? 'thrown', why: String(error?.message) })
  }
})
process.on('uncaughtException', (error) => process.send({ crash: 'uncaught', why: error.message }))
process.send({ ready: true })
