// Compares src/cel with @marcbachmann/cel-js on the expressions of cel_expressions.json, in one run: cel_bench is
// started by this script, and both measure the same document. See README.md beside this file.
//
//     node cel_compare.mjs --bench BUILD/cel_bench --library FOLDER/node_modules/@marcbachmann/cel-js
//
// "parse" is env.parse() of the library, "+ check" the same with its type check. Ours always checks, so the second one
// is what it is held to.

import {execFileSync} from 'node:child_process'
import {readFileSync} from 'node:fs'
import {dirname, join, resolve} from 'node:path'
import {fileURLToPath, pathToFileURL} from 'node:url'

function option(name) {
  const at = process.argv.indexOf(name)
  if (at < 0 || at + 1 >= process.argv.length) {
    console.error(`usage: node cel_compare.mjs --bench FILE --library FOLDER (${name} is missing)`)
    process.exit(2)
  }
  return resolve(process.argv[at + 1])
}

const folder = dirname(fileURLToPath(import.meta.url))
const expressionsFile = join(folder, 'cel_expressions.json')
const bench = option('--bench')
const {Environment} = await import(pathToFileURL(join(option('--library'), 'lib/index.js')))

// The library's int is a BigInt; a JavaScript number is its double.
function withBigInts(value) {
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : value
  if (Array.isArray(value)) return value.map(withBigInts)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, withBigInts(member)]))
}

const file = JSON.parse(readFileSync(expressionsFile, 'utf8'))
file.document.npu.devices = Array.from({length: 64}, (_, id) => ({...file.document.npu.device, id}))
const facts = withBigInts(file.document)

const environment = new Environment()
for (const name of Object.keys(file.document)) environment.registerVariable(name, 'map')

// The least of a hundred samples of about 1 ms each, as in cel_bench, after warming up the compiler. [ns per call]
function measure(work) {
  let calls = 1
  for (let spent = 0; spent < 100e6; calls *= 2) {
    const start = process.hrtime.bigint()
    for (let i = 0; i < calls; ++i) work()
    spent = Number(process.hrtime.bigint() - start)
  }
  calls = Math.max(1, Math.ceil(calls / 100))
  let least = Infinity
  for (let sample = 0; sample < 100; ++sample) {
    const start = process.hrtime.bigint()
    for (let i = 0; i < calls; ++i) work()
    least = Math.min(least, Number(process.hrtime.bigint() - start) / calls)
  }
  return least
}

// Both take turns, and of each the least counts: the clock of a shared machine changes within a minute.
const rounds = 3
const ours = []
const theirs = []
for (let round = 0; round < rounds; ++round) {
  ours.push(JSON.parse(execFileSync(bench, [expressionsFile, '--json'], {encoding: 'utf8', maxBuffer: 1 << 24})))
  theirs.push(file.expressions.map(({source}) => {
    const program = environment.parse(source)
    if (program(facts) !== true) throw new Error(`${source} is not true in the library`)
    return {
      parse: measure(() => environment.parse(source)),
      checked: measure(() => environment.parse(source).check()),
      evaluate: measure(() => program(facts))
    }
  }))
}
const least = (results, figure) => Math.min(...results.map(figure))

const columns = ['parse ns', '+ check', 'ours', '/ parse', '/ both', 'evaluate ns', 'ours', 'times']
console.log('expression'.padEnd(30) + columns.map((name) => name.padStart(12)).join(''))
let slowest = Infinity
for (const [i, {name}] of file.expressions.entries()) {
  const [parse, checked, evaluate] = ['parse', 'checked', 'evaluate'].map((key) => least(theirs, (round) => round[i][key]))
  const [compiling, evaluating] = ['compile_ns', 'evaluate_ns'].map((key) => least(ours, (round) => round.expressions[name][key]))
  slowest = Math.min(slowest, checked / compiling, evaluate / evaluating)
  const cells = [parse.toFixed(0), checked.toFixed(0), compiling.toFixed(0), `${(parse / compiling).toFixed(1)}x`,
    `${(checked / compiling).toFixed(1)}x`, evaluate.toFixed(0), evaluating.toFixed(0),
    `${(evaluate / evaluating).toFixed(1)}x`]
  console.log(name.padEnd(30) + cells.map((cell) => cell.padStart(12)).join(''))
}
const pack = least(ours, (round) => round.pack_of_10000_ms)
console.log(`\nleast ratio: ${slowest.toFixed(1)}x; 10,000 rules in ${pack.toFixed(1)} ms`)
process.exit(slowest >= 3 ? 0 : 1)
