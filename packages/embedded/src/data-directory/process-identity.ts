import { readFileSync } from 'node:fs';

/** A process as a lock remembers it: `startToken` tells a reused process id from the process that was meant. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startToken?: string | undefined;
}

/** The identity of the process with this id, as far as this system can tell. */
export function identityOf(pid: number): ProcessIdentity {
  return { pid, startToken: readStat(pid)?.startToken };
}

/** Whether exactly this process still runs. A zombie holds no file any more and counts as ended. */
export function isRunning(identity: ProcessIdentity): boolean {
  if (!answersSignals(identity.pid)) return false;
  const stat = readStat(identity.pid);
  if (stat === undefined) return true;
  if (stat.state === 'Z' || stat.state === 'X') return false;
  return identity.startToken === undefined || identity.startToken === stat.startToken;
}

function answersSignals(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives, and belongs to somebody else.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Reads Linux's process table; elsewhere (or when the process is gone) there is nothing to read. */
function readStat(pid: number): { state: string; startToken: string } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command name stands in brackets and may hold spaces: the fields that follow it begin with number 3.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return { state: fields[0] ?? '', startToken: `${boot}:${fields[22 - 3] ?? ''}` };
  } catch {
    return undefined;
  }
}
