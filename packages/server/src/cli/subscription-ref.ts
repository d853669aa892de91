import { CliError } from './cli-error.ts';
import type { CommandContext } from './command.ts';

/** A subscription as named on the command line. */
export type SubscriptionRef = { readonly tenant: string; readonly subscriptionId: string };

/** Reads `<tenant>/<subscription>`, or the subscription alone with `--tenant`. */
export function subscriptionRef(text: string | undefined, context: CommandContext): SubscriptionRef {
  const parts = (text ?? '').split('/');
  const tenant = parts.length === 2 ? parts[0] : context.option('tenant');
  const subscriptionId = parts.at(-1);
  if (parts.length > 2 || !tenant || !subscriptionId) {
    throw new CliError('USAGE', `"${text ?? ''}" does not name a subscription.`, [
      'Write <tenant>/<subscription>, for instance acme/office-1, or give --tenant.',
    ]);
  }
  return { tenant, subscriptionId };
}

/** The tenant given as an argument or with `--tenant`. */
export function tenantOf(argument: string | undefined, context: CommandContext): string {
  const tenant = argument ?? context.option('tenant');
  if (tenant) return tenant;
  throw new CliError('USAGE', 'No tenant is named.', ['Give it as the argument, or with --tenant.']);
}
