import type { z } from '@hono/zod-openapi';
import type {
  issueAnswerSchema,
  keyChangeSchema,
  productKeySchema,
  redeemAnswerSchema,
} from '../../http/schemas/product-keys.ts';
import { CliError } from '../cli-error.ts';
import { apiPath } from '../client.ts';
import type { CommandAction, CommandContext } from '../command.ts';
import { table } from '../output.ts';
import { subscriptionRef, tenantOf } from '../subscription-ref.ts';

/** `key issue` */
export const issue: CommandAction = async (context, [planId]) => {
  const countries = context.options('country');
  const answer = await context.client().send<z.infer<typeof issueAnswerSchema>>('POST', apiPath('product-keys'), {
    headers: { 'idempotency-key': context.option('idempotency-key') },
    body: {
      planId,
      seats: numberOf(context, 'seats'),
      term: context.option('term') ?? 'P1Y',
      count: numberOf(context, 'count'),
      expiresAt: context.option('expires-at'),
      batch: context.option('batch'),
      sold: !context.flag('unsold'),
      ...(countries.length > 0 && { countries }),
    },
  });
  await context.answer(answer, () =>
    [
      ...answer.keys.map(({ key }) => key),
      `Keep ${answer.keys.length === 1 ? 'it' : 'them'} safe: nothing keeps a key, and none is shown again.`,
    ].join('\n'),
  );
};

/** `key show` */
export const show: CommandAction = async (context, [last5 = '']) => {
  const answer = await context
    .client()
    .send<{ readonly keys: readonly z.infer<typeof productKeySchema>[] }>('GET', apiPath('product-keys', last5));
  await context.answer(answer, () =>
    table(
      ['last5', 'status', 'plan', 'seats', 'term', 'issued', 'expires', 'redeemed', 'by'],
      answer.keys.map((key) => [
        key.last5,
        key.status,
        key.planId,
        key.seats,
        key.term,
        key.issuedAt,
        key.expiresAt,
        key.redeemedAt,
        key.order && `${key.order.tenant}/${key.order.subscriptionId}`,
      ]),
    ),
  );
};

/** `key redeem` */
export const redeem: CommandAction = async (context, [key, reference]) => {
  const named = reference === undefined ? undefined : subscriptionRef(reference, context);
  const tenant = named?.tenant ?? tenantOf(undefined, context);
  const others = context.options('and');
  const answer = await context
    .client()
    .send<z.infer<typeof redeemAnswerSchema>>('POST', apiPath('tenants', tenant, 'product-keys', 'redeem'), {
      headers: { 'idempotency-key': context.option('idempotency-key') },
      body: {
        ...(others.length === 0 ? { key } : { keys: [key, ...others] }),
        ...(context.flag('fewer-seats') && { fewerSeats: true }),
        mode: context.option('mode') ?? (named === undefined ? 'new' : 'extend'),
        subscriptionId: named?.subscriptionId,
        zone: context.option('zone'),
      },
    });
  await context.answer(answer, () =>
    [
      `${tenant}/${answer.subscriptionId} is ${answer.status} (version ${answer.version}, position ${answer.position}).`,
      ...(answer.keys ?? []).map(
        ({ last5, redeemed, reasonCodes }) =>
          `…${last5 ?? '?'} ${redeemed ? 'is redeemed' : `is not redeemed${reasonCodes.length > 0 ? `: ${reasonCodes.join(', ')}` : ''}`}.`,
      ),
    ].join('\n'),
  );
};

/** `key sell` */
export const sell: CommandAction = (context, [key = '']) =>
  change(context, 'sell', { ...nameOf(key), seller: context.option('seller') }, 'is sold');

/** `key block` */
export const block: CommandAction = (context, [key = '']) =>
  change(context, 'block', { ...nameOf(key), reason: context.option('reason') }, 'is blocked');

async function change(context: CommandContext, verb: string, body: object, done: string): Promise<void> {
  const answer = await context
    .client()
    .send<z.infer<typeof keyChangeSchema>>('POST', apiPath('product-keys', verb), { body });
  await context.answer(answer, () => `The key …${answer.last5} ${done}${answer.changed ? '' : ' already'}.`);
}

/** An id is 64 hexadecimal digits; no key looks like that. */
function nameOf(key: string): object {
  return /^[0-9a-f]{64}$/.test(key) ? { keyId: key } : { key };
}

function numberOf(context: CommandContext, name: string): number {
  const text = context.option(name) ?? '1';
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new CliError('USAGE', `--${name} is a whole number from 1 on, not "${text}".`, ['See perennial key --help.']);
}
