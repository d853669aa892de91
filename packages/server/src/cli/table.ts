/**
 * Every command of the CLI (`contract.md`, CLI), described; see `commands/` for what they do.
 *
 * @module
 */
import { auditQuestions } from './audit-commands.ts';
import type { CliCommand, CliEntry } from './command.ts';

const refHint = '<ref> is <tenant>/<subscription>, or the subscription alone with --tenant';

const subscription: readonly CliCommand[] = [
  {
    name: 'list',
    args: '[tenant]',
    summary: 'The subscriptions of a tenant',
    options: [
      ['--at <instant>', 'As they were, or will be, at this valid time'],
      ['--known-at <instant>', 'As they were known at this system time'],
    ],
    examples: ['perennial subscription list acme'],
    load: async () => (await import('./commands/subscription-read.ts')).list,
  },
  {
    name: 'show',
    args: '<ref>',
    summary: `One subscription; ${refHint}`,
    options: [
      ['--at <instant>', 'As it was, or will be, at this valid time'],
      ['--known-at <instant>', 'As it was known at this system time'],
    ],
    examples: ['perennial subscription show acme/office-1'],
    load: async () => (await import('./commands/subscription-read.ts')).show,
  },
  {
    name: 'actions',
    args: '<ref>',
    summary: 'Every command with whether it may be given now, and why not',
    options: [
      ['--at <instant>', 'At this instant instead of now'],
      ['--known-at <instant>', 'As it was known at this system time'],
      ['--all', 'Also show what is not available'],
    ],
    examples: ['perennial subscription actions acme/office-1 --roles billing-admin'],
    load: async () => (await import('./commands/subscription-read.ts')).actions,
  },
  {
    name: 'upcoming',
    args: '<ref>',
    summary: 'Every automatic transition ahead, if nothing else happens',
    examples: ['perennial subscription upcoming acme/office-1'],
    load: async () => (await import('./commands/notice.ts')).upcoming,
  },
  {
    name: 'do',
    args: '<ref> <command>',
    summary: 'Give a subscription a command',
    options: [
      ['--data <json>', 'The body as JSON, @file for a file, - for standard input'],
      ['--set <field=value>', 'One field of the body; may be repeated'],
      ['--dry-run', 'Answer the same, change nothing'],
      ['--idempotency-key <key>', 'Repeating a key answers with the first result'],
      ['--if-match <version>', 'Only if the subscription still has this version'],
    ],
    examples: [
      'perennial subscription do acme/office-1 create --set planId=SPE_E3 --set seats=5 --set term=P1Y',
      'perennial subscription do acme/office-1 assign-license --set userId=alice',
    ],
    load: async () => (await import('./commands/subscription-do.ts')).doCommand,
  },
];

const audit: readonly CliCommand[] = [
  {
    name: 'verify',
    args: '[ref]',
    summary: 'Recompute the hash chains of the whole log, a tenant or a subscription; exit code 1 when one is broken',
    options: [['--root <file>', 'A root that you kept, to hold the whole log against; may be repeated']],
    examples: ['perennial audit verify', 'perennial audit verify acme/office-1'],
    load: async () => (await import('./commands/audit-proof.ts')).verify,
  },
  {
    name: 'root',
    summary: 'Verify the whole log and publish a root over it, to be kept outside',
    options: [['--list', 'Show the published ones instead']],
    examples: ['perennial audit root --json > root-2027-06-01.json', 'perennial audit root --list'],
    load: async () => (await import('./commands/audit-proof.ts')).root,
  },
  {
    name: 'export',
    args: '<tenant or ref>',
    summary: 'Everything about a tenant or a subscription as a signed zip that is verified offline',
    options: [['--out <file>', 'Where to write it (evidence-….zip)']],
    examples: ['perennial audit export acme/office-1 --out evidence.zip'],
    load: async () => (await import('./commands/audit-proof.ts')).exportEvidence,
  },
  ...auditQuestions,
];

const notice: readonly CliCommand[] = [
  {
    name: 'list',
    args: '<tenant>',
    summary: 'What people are told; <tenant>/<subscription> for one subscription',
    options: [
      ['--status <status>', 'queued, sent, failed, withdrawn or lapsed'],
      ['--limit <count>', 'At most so many (1000)'],
    ],
    examples: ['perennial notice list acme --status queued', 'perennial notice list acme/office-1 --json'],
    load: async () => (await import('./commands/notice.ts')).list,
  },
  {
    name: 'sent',
    args: '<ref> <notice>',
    summary: 'Say that a notice was sent',
    options: [['--reference <id>', "The sender's own id of the message"]],
    load: async () => (await import('./commands/notice.ts')).sent,
  },
  {
    name: 'failed',
    args: '<ref> <notice>',
    summary: 'Say that a notice could not be sent; it is queued again',
    options: [
      ['--failure <code>', 'Why, for instance MAILBOX_FULL'],
      ['--final', 'Trying again is of no use'],
    ],
    load: async () => (await import('./commands/notice.ts')).failed,
  },
];

const parked: readonly CliCommand[] = [
  {
    name: 'list',
    summary: 'Messages that could not be handled, oldest first',
    options: [
      ['--component <name>', 'Only of this component, for instance intake'],
      ['--limit <count>', 'At most so many (100)'],
    ],
    load: async () => (await import('./commands/parked.ts')).list,
  },
  {
    name: 'show',
    args: '<id>',
    summary: 'One parked message with its raw bytes',
    load: async () => (await import('./commands/parked.ts')).show,
  },
  {
    name: 'retry',
    args: '<id>',
    summary: 'Send a message, and all behind it in its lane, through intake again',
    load: async () => (await import('./commands/parked.ts')).retry,
  },
  {
    name: 'discard',
    args: '<id>',
    summary: 'Give a message up for good',
    options: [['--reason <text>', 'Why; it is recorded']],
    examples: ['perennial parked discard 17 --reason "test message of the provider"'],
    load: async () => (await import('./commands/parked.ts')).discard,
  },
];

const key: readonly CliCommand[] = [
  {
    name: 'issue',
    args: '<plan>',
    summary: 'Issue product keys of a plan; they are shown this once',
    options: [
      ['--seats <count>', 'Seats of each key (1)'],
      ['--term <duration>', 'P1M, P1Y or P3Y (P1Y)'],
      ['--count <count>', 'How many keys (1)'],
      ['--expires-at <instant>', 'Not redeemable from then on'],
      ['--country <code>', 'Only redeemable there; may be repeated'],
      ['--batch <name>', 'Names the lot'],
      ['--unsold', 'Worth nothing until sold at the till'],
      ['--idempotency-key <key>', 'Repeating a key answers with the first result'],
    ],
    examples: ['perennial key issue SPE_E3 --seats 25 --term P1Y --count 10'],
    load: async () => (await import('./commands/key.ts')).issue,
  },
  {
    name: 'show',
    args: '<last5>',
    summary: 'Product keys by their last five characters',
    examples: ['perennial key show K7VHX'],
    load: async () => (await import('./commands/key.ts')).show,
  },
  {
    name: 'redeem',
    args: '<key> [subscription]',
    summary: 'Redeem a product key in a tenant: a new subscription, more time or more seats',
    options: [
      ['--mode <mode>', 'new, extend or add-seats (new; extend where a subscription is named)'],
      ['--and <key>', 'Another key of the same order; may be repeated'],
      ['--fewer-seats', 'extend: go on with the seats of the key, where it has fewer'],
      ['--zone <zone>', 'Time zone of a new subscription'],
      ['--idempotency-key <key>', 'Repeating a key answers with the first result'],
    ],
    examples: [
      'perennial key redeem VH7K9-M3XCP-TTR4W-7YJDG-K7VHX --tenant acme',
      'perennial key redeem VH7K9-M3XCP-TTR4W-7YJDG-K7VHX acme/office-1 --mode add-seats',
    ],
    load: async () => (await import('./commands/key.ts')).redeem,
  },
  {
    name: 'sell',
    args: '<key>',
    summary: 'Activate a product key at the till',
    options: [['--seller <name>', 'Who sold it']],
    load: async () => (await import('./commands/key.ts')).sell,
  },
  {
    name: 'block',
    args: '<key>',
    summary: 'Revoke a product key that was not redeemed; it may be named by its id',
    options: [['--reason <text>', 'Why; it is recorded']],
    load: async () => (await import('./commands/key.ts')).block,
  },
];

const projection: readonly CliCommand[] = [
  {
    name: 'list',
    summary: 'Projections, their version sets, and how far each is',
    load: async () => (await import('./commands/projection.ts')).list,
  },
  {
    name: 'verify',
    summary: 'Fold the log again and compare with the read models',
    load: async () => (await import('./commands/projection.ts')).verify,
  },
  {
    name: 'rebuild',
    args: '[projection]',
    summary: 'Build the read models, or one of them, anew from the log, beside the live ones, and switch to them',
    examples: ['perennial projection rebuild payment-inbox --by-hand'],
    options: [
      ['--all', 'All of them, as without a name'],
      ['--by-hand', 'Do not switch; `projection switch` does it when it is ready'],
      ['--no-wait', 'Return at once; `projection list` says how far it is'],
    ],
    load: async () => (await import('./commands/projection.ts')).rebuild,
  },
  {
    name: 'switch',
    summary: 'Let the set that is ready take over, or go back to the one before',
    options: [['--back', 'Go back to the set that was live before']],
    load: async () => (await import('./commands/projection.ts')).switchSets,
  },
  {
    name: 'drop',
    summary: 'Drop the set that was kept for going back',
    load: async () => (await import('./commands/projection.ts')).drop,
  },
];

/** See the module's description. */
export const cliTable: readonly CliEntry[] = [
  {
    kind: 'command',
    name: 'start',
    summary: 'Start every engine that is not configured, and every role',
    load: async () => (await import('./commands/start.ts')).start,
  },
  {
    kind: 'command',
    name: 'status',
    summary: 'How the running server fares, part by part',
    load: async () => (await import('./commands/status.ts')).status,
  },
  {
    kind: 'command',
    name: 'doctor',
    summary: 'Check this machine and the configuration; needs no running server',
    load: async () => (await import('./commands/doctor.ts')).doctor,
  },
  {
    kind: 'group',
    name: 'payment',
    summary: 'Payment events',
    commands: [
      {
        name: 'publish',
        args: '<file>',
        summary: 'Publish CloudEvents from a file, or from standard input with -',
        examples: ['perennial payment publish payments.json', 'cat payments.ndjson | perennial payment publish -'],
        load: async () => (await import('./commands/payment.ts')).publish,
      },
    ],
  },
  { kind: 'group', name: 'subscription', summary: 'Read and command subscriptions', commands: subscription },
  {
    kind: 'command',
    name: 'history',
    args: '[ref]',
    summary: `The timeline of a subscription, oldest first; ${refHint}; or of what an option names`,
    options: [
      ['--at <instant>', 'Only what held by this valid time'],
      ['--known-at <instant>', 'Only what was recorded by this system time'],
      ['--include <streams>', 'Also attempts, facts, keys, seats or notices (commas), or all'],
      ['--user <user>', 'The history of a user of --tenant instead'],
      ['--payment <provider/object>', 'The history of a payment instead'],
      ['--key <last5>', 'The history of product keys that end so instead'],
      ['--follow', 'Keep showing what is added'],
    ],
    examples: ['perennial history acme/office-1 --follow', 'perennial history --payment stripe/in_1'],
    load: async () => (await import('./commands/history.ts')).history,
  },
  { kind: 'group', name: 'key', summary: 'Product keys', commands: key },
  { kind: 'group', name: 'notice', summary: 'What people are told before deadlines', commands: notice },
  { kind: 'group', name: 'parked', summary: 'Messages that could not be handled', commands: parked },
  {
    kind: 'group',
    name: 'catalogue',
    summary: 'Plans and their apps',
    commands: [
      {
        name: 'import',
        args: '<csv>',
        summary: "Publish Microsoft's product and service-plan CSV",
        load: async () => (await import('./commands/catalogue.ts')).importCsv,
      },
    ],
  },
  {
    kind: 'group',
    name: 'clock',
    summary: 'The virtual clock',
    commands: [
      {
        name: 'advance',
        args: '<time>',
        summary: 'Move it by a duration (P30D) or to an instant; waits until everything due has happened',
        examples: ['perennial clock advance P30D', 'perennial clock advance 2027-07-01T00:00:00Z'],
        load: async () => (await import('./commands/clock.ts')).advance,
      },
    ],
  },
  { kind: 'group', name: 'audit', summary: 'Questions about any instant, and proof', commands: audit },
  { kind: 'group', name: 'projection', summary: 'Read models', commands: projection },
  {
    kind: 'group',
    name: 'person',
    summary: 'Personal data',
    commands: [
      {
        name: 'erase',
        args: '<tenant> <user>',
        summary: 'Forget a user for good; what they did stays, under a random id',
        options: [
          ['--yes', 'Really: it cannot be undone'],
          ['--idempotency-key <key>', 'The id under which it is recorded'],
        ],
        examples: ['perennial person erase acme alice --yes'],
        load: async () => (await import('./commands/person.ts')).erase,
      },
    ],
  },
  {
    kind: 'command',
    name: 'demo',
    summary: 'Play subscriptions through their lives on real parts, and check every claim; starts a server of its own',
    options: [
      ['--catalogue <csv>', "Microsoft's product and service-plan CSV (default: what the server has)"],
      ['--keep', "Let the demo's own server run on"],
      ['--nats <url>', 'The broker of the server given with --url'],
    ],
    examples: [
      'perennial demo',
      'perennial demo --catalogue service-plans.csv --json',
      'STRIPE_WEBHOOK_SECRET=whsec_… perennial demo --url http://127.0.0.1:8080',
    ],
    load: async () => (await import('./commands/demo.ts')).demo,
  },
];
