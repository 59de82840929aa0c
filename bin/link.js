/** Module hook (its own thread): resolves adaptor names by the table in src/project/adaptors.ts. */
let modules = {}

export function initialize(table) {
  modules = table
}

export function resolve(specifier, context, next) {
  return next(modules[specifier] ?? specifier, context)
}
