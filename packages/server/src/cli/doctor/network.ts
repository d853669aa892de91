/**
 * Checks of what is reached over the network.
 *
 * @module
 */
import { connect, createServer } from 'node:net';
import type { Finding } from './finding.ts';

const connectTimeoutMs = 3000;

/** Whether a configured engine's address takes connections; an engine that is not configured is embedded. */
export async function checkEngine(check: string, variable: string, url: string | undefined): Promise<Finding> {
  if (url === undefined || url.trim() === '')
    return { check, state: 'ok', detail: `embedded (${variable} is not set)` };
  const address = addressOf(url);
  if (address === undefined) {
    return { check, state: 'fail', detail: `${variable} is not a URL`, next: `Correct ${variable}.` };
  }
  const problem = await tryConnect(address);
  const detail = `${address.host}:${address.port}`;
  return problem === undefined
    ? { check, state: 'ok', detail: `${detail} takes connections` }
    : { check, state: 'fail', detail: `${detail}: ${problem}`, next: `Start it, or correct ${variable}.` };
}

type Address = { readonly host: string; readonly port: number };

const defaultPorts: Readonly<Record<string, number>> = {
  'nats:': 4222,
  'tls:': 4222,
  'esdb:': 2113,
  'esdb+discover:': 2113,
  'postgres:': 5432,
  'postgresql:': 5432,
};

function addressOf(text: string): Address | undefined {
  // A list of nodes: the first stands for all. The password, if any, is never shown.
  const first = text.split(',')[0]?.trim() ?? '';
  if (!URL.canParse(first)) return undefined;
  const { protocol, hostname, port } = new URL(first);
  return { host: hostname.replaceAll(/[[\]]/g, ''), port: port === '' ? (defaultPorts[protocol] ?? 80) : Number(port) };
}

async function tryConnect({ host, port }: Address): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: connectTimeoutMs });
    const end = (problem: string | undefined): void => {
      socket.destroy();
      resolve(problem);
    };
    socket.once('connect', () => end(undefined));
    socket.once('timeout', () => end('no answer'));
    socket.once('error', (error) => end(error.message));
  });
}

/** Whether the port of the API is free, unless our own server holds it. */
export async function checkPort(host: string, port: number, runningUrl: string | undefined): Promise<Finding> {
  const check = 'port';
  if (runningUrl !== undefined && Number(new URL(runningUrl).port) === port) {
    return { check, state: 'ok', detail: `${port} is held by the server that runs here` };
  }
  const problem = await tryListen(host, port);
  if (problem === undefined) return { check, state: 'ok', detail: port === 0 ? 'any free one' : `${port} is free` };
  return {
    check,
    state: 'fail',
    detail: `${host}:${port}: ${problem}`,
    next: 'Set PORT to a free port, or to 0 for any.',
  };
}

async function tryListen(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error) => resolve(error.message));
    server.listen({ host, port }, () => server.close(() => resolve(undefined)));
  });
}
