import type { CliCommand, CommandOption } from './command.ts';

const when: readonly CommandOption[] = [
  ['--at <instant>', 'How things stood then (valid time)'],
  ['--known-at <instant>', 'Counting only what was recorded by then (system time)'],
];

/** The questions of an auditor, as commands. */
export const auditQuestions: readonly CliCommand[] = [
  {
    name: 'diff',
    args: '<ref>',
    summary: 'What differs between two instants, on either axis, and the events that made it differ',
    options: [
      ['--from-at <instant>', 'Valid time of the one side'],
      ['--from-known-at <instant>', 'System time of the one side'],
      ['--to-at <instant>', 'Valid time of the other side (default: now)'],
      ['--to-known-at <instant>', 'System time of the other side (default: all that is recorded)'],
    ],
    examples: [
      'perennial audit diff acme/office-1 --from-at 2027-06-01T12:00:00Z --from-known-at 2027-06-01T12:00:00Z',
    ],
    load: async () => (await import('./commands/audit-questions.ts')).diff,
  },
  {
    name: 'why',
    args: '<user> <app>',
    summary: 'Why a user (<tenant>/<user>) has, or has not, an app',
    options: [...when, ['--language <language>', 'en (default) or nl']],
    examples: ['perennial audit why acme/alice word --at 2027-06-01T12:00:00Z'],
    load: async () => (await import('./commands/audit-questions.ts')).why,
  },
  {
    name: 'policy',
    args: '<ref>',
    summary: 'The policy profile and the catalogue in force',
    options: when,
    load: async () => (await import('./commands/audit-questions.ts')).policy,
  },
  {
    name: 'in-state',
    args: '<status>',
    summary: 'All subscriptions that were in a state, of --tenant or of all tenants',
    options: when,
    examples: ['perennial audit in-state expired --at 2027-06-01T12:00:00Z --known-at 2027-06-01T12:00:00Z'],
    load: async () => (await import('./commands/audit-log.ts')).inState,
  },
  {
    name: 'due',
    args: '<from> <to>',
    summary:
      'What falls due from an instant on, before another, if nothing else happens; of --tenant or of all tenants',
    options: when,
    examples: ['perennial audit due 2027-06-01T00:00:00Z 2027-07-01T00:00:00Z'],
    load: async () => (await import('./commands/audit-log.ts')).due,
  },
  {
    name: 'find',
    summary: 'Events by what they are about or who did them; all that is given must fit; of --tenant or of all tenants',
    options: [
      ['--payment <id>', 'Object, payment or event of a provider, also as <provider>/<id>'],
      ['--invoice <id>', 'Invoice'],
      ['--charge <id>', 'Charge'],
      ['--key <key>', 'Product key: its id, or its last five characters'],
      ['--user <user>', 'Who did it, or whom it is about; with --tenant'],
      ['--person <id>', 'The same by person id, also of an erased person'],
      ['--by <actor>', 'Who did it: user:alice, system:timers, provider:stripe'],
      ['--command-id <id>', 'Idempotency-Key of the command'],
      ['--correlation-id <id>', 'Correlation id'],
      ['--event-id <id>', 'Event id'],
      ['--type <type>', 'Type of the event'],
      ['--from <instant>', 'Valid time, included'],
      ['--to <instant>', 'Valid time, not included'],
      ['--known-at <instant>', 'Counting only what was recorded by then (system time)'],
    ],
    examples: ['perennial audit find --payment stripe/in_1', 'perennial audit find --by user:bob --tenant acme'],
    load: async () => (await import('./commands/audit-log.ts')).find,
  },
];
