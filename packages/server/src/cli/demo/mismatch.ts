import { CliError } from '../cli-error.ts';
import type { Check } from './report.ts';

/** The server shows something else than the demo claims: the demo stops, because what follows builds on it. */
export class DemoMismatchError extends CliError {
  constructor(check: Check) {
    super(
      'DEMO_MISMATCH',
      `${check.claim}: expected ${JSON.stringify(check.expected)}, but the server shows ${JSON.stringify(check.actual)}.`,
      ['Repeat with --keep to look into the server afterwards, and compare with docs/operating.md.'],
    );
  }
}
