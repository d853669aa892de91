import { z } from '@hono/zod-openapi';
import { isZone, type SeatCommandName, type SubscriptionCommand } from '@perennial/domain';
import type { CommandResult } from '@perennial/handlers';
import type { Caller } from '../../auth/caller.ts';
import { refuseCardNumbers } from '../card-number.ts';
import { operation, type AnyOperation, type Answer } from '../operation.ts';
import { actorOf, personOf, type Acquaintance } from '../people.ts';
import { ProblemError } from '../problem.ts';
import { commandHeadersSchema, entityTag, expectedVersion, ifMatchSchema, requestIds } from '../request-ids.ts';
import { invalidInput } from '../register.ts';
import {
  commandAnswerSchema,
  commandBodySchemas,
  commandExamples,
  createBodySchema,
  moveLicenseBodySchema,
  seatCommandBodySchemas,
  type OpenCommandName,
} from '../schemas/commands.ts';
import { seatCommand } from './seat-command.ts';
import { subscriptionIdSchema, tenantSchema } from '../schemas/identifiers.ts';
import type { ApiServices } from '../services.ts';

const headers = commandHeadersSchema.extend({ 'If-Match': ifMatchSchema });
const query = z.object({
  dryRun: z.enum(['true', 'false']).default('false').openapi({ description: 'Answer the same, append nothing' }),
});
const bodyRules = {
  bytesMax: 65_536,
  mediaTypes: ['application/json'],
  inspect: refuseCardNumbers,
} as const;
const problems = ['CARD_NUMBER_REJECTED', 'REFUSED', 'VERSION_CONFLICT'] as const;

type CommandInput<N extends string = OpenCommandName> = {
  readonly tenant: string;
  readonly subscriptionId: string | undefined;
  readonly name: N;
  /** Validated by the schema of `name`. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers: z.output<typeof headers>;
  readonly dryRun: boolean;
  readonly caller: Caller;
};

/** POST subscriptions and one operation for every command that is available. */
export function commandOperations(services: ApiServices): readonly AnyOperation[] {
  // `Object.keys` forgets the keys' type; they are the table's own.
  const names = Object.keys(commandBodySchemas) as OpenCommandName[];
  const seatNames = Object.keys(seatCommandBodySchemas) as SeatCommandName[];
  return [
    createOperation(services),
    ...names.map((name) => commandOperation(services, name, commandBodySchemas[name], run)),
    commandOperation(services, 'move-license', moveLicenseBodySchema, runMove),
    ...seatNames.map((name) => commandOperation(services, name, seatCommandBodySchemas[name], runOnSeat)),
  ];
}

function createOperation(services: ApiServices): AnyOperation {
  return operation({
    id: 'createSubscription',
    method: 'post',
    path: '/v1/tenants/{tenant}/subscriptions',
    tag: 'Subscriptions',
    summary: 'Create a subscription (pending until activated or paid)',
    description: 'Without `subscriptionId` the id follows from the tenant and the Idempotency-Key.',
    access: { kind: 'tenant' },
    params: z.object({ tenant: tenantSchema }),
    query,
    headers,
    body: { ...bodyRules, schema: createBodySchema, example: commandExamples.create },
    status: 200,
    response: commandAnswerSchema,
    problems: [...problems, 'ALREADY_EXISTS'],
    handle: ({ path, query, header, body, caller }) => {
      const { subscriptionId, ...rest } = body;
      return run(services, {
        tenant: path.tenant,
        subscriptionId,
        name: 'create',
        body: rest,
        headers: header,
        dryRun: query.dryRun === 'true',
        caller,
      });
    },
  });
}

function commandOperation<N extends OpenCommandName | SeatCommandName | 'move-license'>(
  services: ApiServices,
  name: N,
  schema: z.ZodObject,
  execute: (services: ApiServices, input: CommandInput<N> & { readonly subscriptionId: string }) => Promise<Answer>,
): AnyOperation {
  return operation({
    id: name.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase()),
    method: 'post',
    path: `/v1/tenants/{tenant}/subscriptions/{subscriptionId}/commands/${name}`,
    tag: 'Subscriptions',
    summary: `Command: ${name}`,
    access: { kind: 'tenant' },
    params: z.object({ tenant: tenantSchema, subscriptionId: subscriptionIdSchema }),
    query,
    headers,
    body: { ...bodyRules, schema, example: commandExamples[name] },
    status: 200,
    response: commandAnswerSchema,
    problems: [...problems, name === 'create' ? 'ALREADY_EXISTS' : 'NOT_FOUND'],
    handle: ({ path, query, header, body, caller }) =>
      execute(services, { ...path, name, body, headers: header, dryRun: query.dryRun === 'true', caller }),
  });
}

async function run(services: ApiServices, input: CommandInput): Promise<Answer> {
  checkZone(input.body);
  const how = acquaintanceOf(input);
  const request = await requestOf(services, input, how);
  const result = await services.commands.execute({
    ...request,
    ...(input.subscriptionId !== undefined && { subscriptionId: input.subscriptionId }),
    command: await withPeople(services, input, how),
  });
  return answerOf(result, input, request.correlationId);
}

async function runOnSeat(
  services: ApiServices,
  input: CommandInput<SeatCommandName> & { readonly subscriptionId: string },
): Promise<Answer> {
  const request = await requestOf(services, input, acquaintanceOf(input));
  const result = await services.commands.executeSeat({
    ...request,
    subscriptionId: input.subscriptionId,
    command: await seatCommand(services.vault, input),
  });
  return answerOf(result, input, request.correlationId);
}

async function runMove(
  services: ApiServices,
  input: CommandInput<'move-license'> & { readonly subscriptionId: string },
): Promise<Answer> {
  const request = await requestOf(services, input, acquaintanceOf(input));
  const { userId, ...rest } = moveLicenseBodySchema.parse(input.body);
  // Whoever is not known yet holds no licence to move.
  const personId = await personOf(services.vault, input.tenant, userId, 'known-only');
  const { appsOff, ...to } = rest;
  const result = await services.commands.moveLicense({
    ...request,
    subscriptionId: input.subscriptionId,
    command: { name: 'move-license', body: { personId, ...to, ...(appsOff !== undefined && { appsOff }) } },
  });
  return answerOf(result, input, request.correlationId);
}

function acquaintanceOf({ dryRun }: CommandInput<string>): Acquaintance {
  return dryRun ? 'known-only' : 'make';
}

/** Who asks for what under which ids: the same for every command. */
async function requestOf({ vault }: ApiServices, input: CommandInput<string>, how: Acquaintance) {
  const { commandId, correlationId, traceparent } = requestIds(input.headers);
  const version = expectedVersion(input.headers['If-Match']);
  return {
    tenant: input.tenant,
    commandId,
    isIdMadeUp: input.headers['Idempotency-Key'] === undefined,
    actor: await actorOf(vault, input.caller, input.tenant, how),
    roles: input.caller.roles,
    correlationId,
    causationId: commandId,
    dryRun: input.dryRun,
    ...(version !== undefined && { expectedVersion: version }),
    ...(traceparent !== undefined && { traceparent }),
  };
}

function checkZone({ zone }: CommandInput['body']): void {
  if (typeof zone !== 'string' || isZone(zone)) return;
  const message = 'an IANA time zone, such as Europe/Amsterdam';
  throw invalidInput([{ in: 'body', path: 'zone', code: 'unknown_zone', message }]);
}

/** The command with person ids in place of user ids. */
async function withPeople(
  { vault }: ApiServices,
  { tenant, name, body }: CommandInput,
  how: Acquaintance,
): Promise<SubscriptionCommand> {
  const { userId, paymentMethod, ...rest } = body;
  const replaced = {
    ...rest,
    ...(typeof userId === 'string' && {
      // Taking a licence away from somebody unknown makes nobody known.
      personId: await personOf(vault, tenant, userId, name === 'assign-license' ? how : 'known-only'),
    }),
    ...(isRecord(paymentMethod) && {
      paymentMethod: {
        ...paymentMethod,
        ...(typeof paymentMethod['owner'] === 'string' && {
          owner: await personOf(vault, tenant, paymentMethod['owner'].replace(/^user:/, ''), how),
        }),
      },
    }),
  };
  // The body was validated by the schema of this very name, and user ids have become the person ids it asks for.
  return { name, body: replaced } as unknown as SubscriptionCommand;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/** The result of a command as an answer, or as a problem. */
export function answerOf(
  result: CommandResult,
  input: Pick<CommandInput<string>, 'tenant' | 'subscriptionId' | 'name'>,
  correlationId: string,
): Extract<Answer, { body: object }> {
  switch (result.kind) {
    case 'accepted':
    case 'repeated': {
      const { subscriptionId, status, version, position, events, termEnd } = result;
      return {
        body: { subscriptionId, status, version, position, events, ...(termEnd === undefined ? {} : { termEnd }) },
        headers: {
          etag: entityTag(version),
          'Perennial-Correlation-Id': correlationId,
          ...(result.kind === 'repeated' && { 'Idempotent-Replayed': 'true' }),
        },
      };
    }
    case 'refused':
      throw new ProblemError('REFUSED', `The rules refuse "${input.name}": ${result.reasonCodes.join(', ')}.`, {
        reasonCodes: result.reasonCodes,
        remedies: result.remedies,
        ...(result.firstEventId !== undefined && { firstEventId: result.firstEventId }),
      });
    case 'not-found':
      throw notFound(input.tenant, result.subscriptionId ?? input.subscriptionId ?? '');
    case 'already-exists':
      throw new ProblemError(
        'ALREADY_EXISTS',
        `Tenant "${input.tenant}" already has a subscription "${result.subscriptionId}". Choose another id, or leave it out.`,
        { subscriptionId: result.subscriptionId },
      );
    case 'version-conflict':
      throw new ProblemError(
        'VERSION_CONFLICT',
        `The subscription is at version ${result.actualVersion}, not at the one in If-Match. Read it again and decide again.`,
        { actualVersion: result.actualVersion, reasonCodes: ['VERSION_CONFLICT'] },
        { headers: { etag: entityTag(result.actualVersion) } },
      );
    default:
      return result satisfies never;
  }
}

/** `NOT_FOUND` for a subscription. */
export function notFound(tenant: string, subscriptionId: string): ProblemError {
  return new ProblemError(
    'NOT_FOUND',
    `There is no subscription "${subscriptionId}" in tenant "${tenant}". Check the id.`,
  );
}
