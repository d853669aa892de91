import { chmodSync, chownSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** A user of this machine. */
export interface SystemUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** The user under whom PostgreSQL can run when this process is root (which PostgreSQL refuses); none is needed otherwise. */
export function unprivilegedUser(passwd: string = readFileSync('/etc/passwd', 'utf8')): SystemUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const users = passwd.split('\n').flatMap((line) => {
    const [name, , uid, gid] = line.split(':');
    return name && Number(uid) > 0 ? [{ name, uid: Number(uid), gid: Number(gid) }] : [];
  });
  return users.find(({ name }) => name === 'postgres') ?? users.find(({ name }) => name === 'nobody');
}

/** Gives a directory to the user, and lets the user pass through those of its parents that this process owns. */
export function handOver(directory: string, user: SystemUser): void {
  chownSync(directory, user.uid, user.gid);
  const self = process.getuid?.();
  for (let parent = dirname(directory); parent !== dirname(parent); parent = dirname(parent)) {
    const { mode, uid } = statSync(parent);
    const passable = 0o001;
    if ((mode & passable) === 0 && uid === self) chmodSync(parent, (mode & 0o7777) | passable);
  }
}
