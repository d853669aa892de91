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
];
