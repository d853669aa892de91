/**
 * Where the demo is played: on a server of its own, or on one that runs already.
 *
 * @module
 */
import { CliError } from '../cli-error.ts';
import type { CommandContext } from '../command.ts';
import { dataDirectory } from '../server-address.ts';
import { readRuntimeFile } from '../../supervisor/runtime-file.ts';
import type { Audience } from './audience.ts';
import type { DoorOptions } from './doors.ts';
import { startOwnServer, type OwnServer } from './own-server.ts';

/** A place to play. */
export type Place = DoorOptions & {
  /** Undefined on a server of somebody else, which the demo never stops. */
  readonly own: OwnServer | undefined;
};

/** Finds the place. @throws CliError when there is none */
export async function findPlace(context: CommandContext, audience: Audience, signal: AbortSignal): Promise<Place> {
  const { terminal } = context;
  const url = context.option('url');
  if (url !== undefined) return runningPlace(context);
  audience.waits('Starting a Perennial of its own');
  const own = await startOwnServer({ env: terminal.env, onLine: (line) => audience.waits(line), signal });
  audience.arrived(`A Perennial of its own: ${own.url}, data in ${own.dataDirectory}`);
  return { url: own.url, nats: { url: natsOf(own.dataDirectory, own.url) }, stripeSecret: own.stripeSecret, own };
}

function runningPlace(context: CommandContext): Place {
  const { env, workingDirectory } = context.terminal;
  const { url } = context.client();
  const stripeSecret = env['STRIPE_WEBHOOK_SECRET'];
  if (stripeSecret === undefined || stripeSecret === '') {
    throw new CliError('DEMO_NEEDS_STRIPE_SECRET', 'The demo signs events of Stripe, but has no secret to sign with.', [
      'Set STRIPE_WEBHOOK_SECRET to the one that the server was started with, or leave --url out.',
    ]);
  }
  const [credsPath, tlsCaPath] = [env['NATS_CREDS'], env['NATS_TLS_CA']];
  return {
    url,
    nats: {
      url: context.option('nats') ?? natsOf(dataDirectory(env, workingDirectory), url),
      ...(credsPath !== undefined && { credsPath }),
      ...(tlsCaPath !== undefined && { tlsCaPath }),
    },
    stripeSecret,
    own: undefined,
  };
}

/** The broker of the server that runs on a data directory. */
function natsOf(directory: string, url: string): string {
  const runtime = readRuntimeFile(directory);
  // Only the server that is played on may speak for its broker.
  if (runtime !== undefined && runtime.url !== null && new URL(runtime.url).port === new URL(url).port) {
    return runtime.addresses.nats;
  }
  throw new CliError('DEMO_NEEDS_BROKER', `Nobody says where the broker of ${url} is.`, [
    'Set PERENNIAL_DATA to its data directory, or give the broker with --nats nats://host:4222.',
  ]);
}
