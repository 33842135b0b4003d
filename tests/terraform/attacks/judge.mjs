// Judges every attack of table.mjs by an IAM simulator that others wrote (@cloud-copilot/iam-simulate), on documents.json: each
// must be denied, and its twin, which differs in one attribute, allowed. A twin that is denied means an attack that proves nothing.
// The simulator knows AWS's documentation of IAM; whether AWS itself asks about the same resources and keys, only AWS can show.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { attacks, Twin } from './table.mjs'

const { runSimulation } = createRequire(`${process.env.SIMULATOR}/`)('@cloud-copilot/iam-simulate')
const documents = JSON.parse(readFileSync(new URL('documents.json', import.meta.url)))
const account = '123456789012'
const named = names => names.map(name => ({ name, policy: documents.policies[name] }))

// The attack, or its twin, as a request.
const choose = (row, side) => {
  const pick = value => (value instanceof Twin ? value[side] : value)
  const context = Object.entries(row.context).map(([key, value]) => [key, pick(value)])
  return {
    role: pick(row.role),
    action: pick(row.action),
    resource: pick(row.resource),
    context: Object.fromEntries(context.filter(([, value]) => value !== undefined)),
  }
}

const judge = async ({ role, action, resource, context }, side) => {
  const { policies, boundary } = documents.roles[role]
  const key = /:key\/(.+)$/.exec(resource)
  const answer = await runSimulation({
    request: { principal: `arn:aws:iam::${account}:role/${role}`, action, resource: { resource, accountId: account }, contextVariables: context },
    identityPolicies: named(policies),
    permissionBoundaryPolicies: boundary.length ? named(boundary) : undefined,
    // What is not one of ours has the policy that AWS gives a key by default, as ours have: IAM decides.
    resourcePolicy: key ? documents.keys[key[1]] ?? documents.keys['backend-cloud-app'] : undefined,
    serviceControlPolicies: [],
    resourceControlPolicies: [],
  }, {})
  if (answer.resultType === 'error') return JSON.stringify(answer.errors)
  // An attribute that the action does not know would make an attack that proves nothing.
  const ignored = side === 'attack' ? answer.result?.ignoredContextKeys ?? [] : []
  return ignored.length ? `says nothing about ${ignored}` : answer.overallResult
}

const differing = row => [row.role, row.action, row.resource, ...Object.values(row.context)].filter(value => value instanceof Twin).length
const wrong = []
const services = new Set()
let count = 0
for (const [own, other] of [['dev', 'prod'], ['staging', 'dev'], ['prod', 'staging']]) {
  for (const row of attacks(own, other)) {
    const attack = choose(row, 'attack')
    // Service accounts' roles are rendered for the environments that the emulator run applies.
    if (!documents.roles[attack.role] || !documents.roles[choose(row, 'twin').role]) continue
    count += 1
    services.add(attack.action.split(':')[0])
    if (differing(row) !== 1) wrong.push(`${row.name}: attack and twin must differ in one attribute`)
    for (const [side, expected] of [['attack', /^(Implicitly|Explicitly)Denied$/], ['twin', /^Allowed$/]]) {
      const request = choose(row, side)
      const result = await judge(request, side)
      if (!expected.test(result)) wrong.push(`${row.name}: ${side} is ${result}: ${request.role} ${request.action} ${request.resource} ${JSON.stringify(request.context)}`)
    }
  }
}
console.log(`attacks: ${count}, each with its allowed twin, over ${services.size} services: ${wrong.length} judged otherwise`)
wrong.forEach(line => console.error(`  ${line}`))
process.exit(wrong.length || !count ? 1 : 0)
