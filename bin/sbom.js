#!/usr/bin/env node
import { readFileSync } from 'node:fs'

/*
 * Prints the software bill of materials of this package (CycloneDX 1.5, JSON): every package that `npm install --omit=dev`
 * may bring, from the lockfile alone, so that two runs print the same. `npm sbom --omit dev` leaves out what a development
 * dependency names as an optional peer (npm 11: tsx, yaml, zod).
 */
const root = new URL('../', import.meta.url)
const read = (name) => JSON.parse(readFileSync(new URL(name, root), 'utf8'))
const { name, version, description, license } = read('package.json')
const { packages } = read('package-lock.json')

const runtime = Object.entries(packages).filter(([path, { dev, link }]) => path !== '' && dev !== true && link !== true)
const reference = (path) => (path === '' ? `pkg:npm/${name}@${version}` : purl(nameOf(path), packages[path].version))

const bill = {
  $schema: 'http://cyclonedx.org/schema/bom-1.5.schema.json',
  bomFormat: 'CycloneDX',
  specVersion: '1.5',
  version: 1,
  metadata: {
    component: {
      'bom-ref': reference(''),
      type: 'application',
      name,
      version,
      description,
      licenses: licences(license),
      purl: reference(''),
    },
  },
  components: unique(
    runtime.map(([path]) => component(path)),
    'bom-ref',
  ),
  dependencies: unique(['', ...runtime.map(([path]) => path)].map(edges), 'ref'),
}
process.stdout.write(`${JSON.stringify(bill, null, 2)}\n`)

function component(path) {
  const { version: of, license: said, integrity, optional, devOptional } = packages[path]
  const ref = reference(path)
  return {
    'bom-ref': ref,
    type: 'library',
    name: nameOf(path),
    version: of,
    scope: optional === true || devOptional === true ? 'optional' : 'required',
    licenses: licences(said),
    purl: ref,
    ...(integrity === undefined ? {} : { hashes: hashes(integrity) }),
  }
}

function edges(path) {
  const { dependencies = {}, optionalDependencies = {} } = packages[path]
  const found = Object.keys({ ...dependencies, ...optionalDependencies }).map((wanted) => resolve(path, wanted))
  const dependsOn = found.filter((at) => at !== undefined && packages[at].dev !== true).map(reference)
  return { ref: reference(path), dependsOn: [...new Set(dependsOn)].sort() }
}

/** As Node looks for it: beside the package, then further up. */
function resolve(from, wanted) {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    const path = folder === '' ? `node_modules/${wanted}` : `${folder}/node_modules/${wanted}`
    if (packages[path] !== undefined) return path
    if (folder === '') return undefined
  }
}

function nameOf(path) {
  return packages[path].name ?? path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)
}

function purl(of, at) {
  return `pkg:npm/${of.replace('@', '%40')}@${at}`
}

function licences(said) {
  if (said === undefined) return []
  if (/ (OR|AND) /.test(said)) return [{ expression: said }]
  return [
    {
      license: /^[A-Za-z]+[A-Za-z0-9]*(-[A-Za-z0-9.]+)+$|^(MIT|ISC|Unlicense|0BSD)$/.test(said)
        ? { id: said }
        : { name: said },
    },
  ]
}

function hashes(integrity) {
  return integrity.split(' ').flatMap((part) => {
    const [algorithm, base64] = part.split(/-(.*)/s)
    const alg = { sha512: 'SHA-512', sha384: 'SHA-384', sha256: 'SHA-256', sha1: 'SHA-1' }[algorithm]
    return alg === undefined ? [] : [{ alg, content: Buffer.from(base64, 'base64').toString('hex') }]
  })
}

/** One row for a package that is installed in several places. */
function unique(rows, key) {
  return [...new Map(rows.map((row) => [row[key], row])).values()]
}
