import { once } from 'node:events';
import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { basename, join } from 'node:path';

/** What a running server published about itself. */
export interface ServerPorts {
  readonly pid: number;
  readonly url: string;
  readonly monitoringUrl: string;
}

/** Removes the ports files of servers that were killed. */
export function removePortsFiles(runDirectory: string): void {
  for (const name of portsFiles(runDirectory)) rmSync(join(runDirectory, name), { force: true });
}

/** Reads the ports file; `undefined` while there is none or it is not complete yet. */
export function readPorts(runDirectory: string): ServerPorts | undefined {
  const name = portsFiles(runDirectory)[0];
  if (name === undefined) return undefined;
  return parsePorts(name, readFileSync(join(runDirectory, name), 'utf8'));
}

/** Reads `<executable>_<pid>.ports`. */
export function parsePorts(name: string, text: string): ServerPorts | undefined {
  const pid = Number(/_(\d+)\.ports$/.exec(basename(name))?.[1] ?? Number.NaN);
  try {
    const { nats, monitoring } = JSON.parse(text) as { nats?: string[]; monitoring?: string[] };
    const [url, monitoringUrl] = [nats?.[0], monitoring?.[0]];
    return url && monitoringUrl && pid > 0 ? { pid, url, monitoringUrl } : undefined;
  } catch {
    // Half written: the next look finds it whole.
    return undefined;
  }
}

/** Whether the server says that it and its JetStream (every stream recovered) are in order. */
export async function isHealthy(monitoringUrl: string, timeoutMs: number): Promise<boolean> {
  const asked = get(`${monitoringUrl}/healthz`, { agent: false, signal: AbortSignal.timeout(timeoutMs) });
  // Also one that breaks after its answer must not end the process.
  asked.on('error', () => undefined);
  try {
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    response.resume();
    return response.statusCode === 200;
  } catch {
    // Not listening yet; the caller asks again until its own time is up.
    return false;
  }
}

function portsFiles(runDirectory: string): string[] {
  return existsSync(runDirectory) ? readdirSync(runDirectory).filter((name) => name.endsWith('.ports')) : [];
}
