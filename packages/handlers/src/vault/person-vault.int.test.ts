import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openPersonVault, UnknownPersonError } from './open-person-vault.ts';

const test = suite('person vault');
const newDirectory = () => mkdtempSync(join(tmpdir(), 'perennial-vault-'));

test('a user keeps one random person id per tenant', async () => {
  const vault = openPersonVault({ directory: newDirectory() });
  const alice = await vault.personIdFor('acme', 'alice@example.org');
  assert.match(alice, /^[0-9a-f]{8}-[0-9a-f]{4}-4/);
  assert.is(await vault.personIdFor('acme', 'alice@example.org'), alice);
  assert.is.not(await vault.personIdFor('globex', 'alice@example.org'), alice);
  assert.is(await vault.userIdOf(alice), 'alice@example.org');
  assert.is(await vault.personIdIfKnown('acme', 'bob'), undefined);
  await vault.close();
});

test('a user asked for at once by many is one person', async () => {
  const vault = openPersonVault({ directory: newDirectory() });
  const ids = await Promise.all(Array.from({ length: 50 }, () => vault.personIdFor('acme', 'bob')));
  assert.is(new Set(ids).size, 1);
  await vault.close();
});

test('the longest user ids are kept apart', async () => {
  const vault = openPersonVault({ directory: newDirectory() });
  const long = '😀'.repeat(127);
  const [one, two] = [
    await vault.personIdFor('a'.repeat(64), `${long}ab`),
    await vault.personIdFor('a'.repeat(64), `${long}ac`),
  ];
  assert.is.not(one, two);
  await vault.close();
});

test('an encrypted text is readable until its person is erased', async () => {
  const directory = newDirectory();
  const vault = openPersonVault({ directory });
  const alice = await vault.personIdFor('acme', 'alice');
  const bob = await vault.personIdFor('acme', 'bob');
  const [ofAlice, ofBob, ofTenant] = [
    await vault.encrypt({ personId: alice }, 'Müller said no'),
    await vault.encrypt({ personId: bob }, 'b'),
    await vault.encrypt({ tenant: 'acme' }, 'c'),
  ];
  assert.not.match(ofAlice, /Müller/);
  assert.equal(await vault.decrypt(ofAlice), { kind: 'text', text: 'Müller said no' });
  assert.is(await vault.erase(alice), true);
  assert.is(await vault.erase(alice), false);
  await vault.close();

  const reopened = openPersonVault({ directory });
  assert.equal(await reopened.decrypt(ofAlice), { kind: 'erased' });
  assert.equal(await reopened.decrypt(ofBob), { kind: 'text', text: 'b' });
  assert.equal(await reopened.decrypt(ofTenant), { kind: 'text', text: 'c' });
  assert.is(await reopened.userIdOf(alice), undefined);
  assert.equal([...(await reopened.userIdsOf([alice, bob]))], [[bob, 'bob']]);
  assert.is.not(await reopened.personIdFor('acme', 'alice'), alice, 'an erased user who comes back is a new person');
  const refused = await reopened.encrypt({ personId: alice }, 'x').catch((error: unknown) => error);
  assert.instance(refused, UnknownPersonError);
  await reopened.close();
});

test('an altered ciphertext is refused', async () => {
  const vault = openPersonVault({ directory: newDirectory() });
  const sealed = await vault.encrypt({ tenant: 'acme' }, 'a secret');
  const parts = sealed.split('.');
  parts[3] = Buffer.from('b secret').toString('base64url');
  const failed = await vault.decrypt(parts.join('.')).catch((error: unknown) => error);
  assert.instance(failed, Error);
  await vault.close();
});

test('what another process made is seen at once, and never made twice', async () => {
  const directory = newDirectory();
  const vault = openPersonVault({ directory });
  const alice = await vault.personIdFor('acme', 'alice');
  const module = fileURLToPath(new URL('./open-person-vault.js', import.meta.url));
  const script = `
    const { openPersonVault } = await import(${JSON.stringify(module)});
    const vault = openPersonVault({ directory: ${JSON.stringify(directory)} });
    console.log(await vault.personIdFor('acme', 'alice'), await vault.personIdFor('acme', 'carol'));
    process.kill(process.pid, 'SIGKILL');`;
  const child = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  const [aliceThere, carolThere] = child.stdout.trim().split(' ');
  assert.is(aliceThere, alice);
  assert.is(await vault.personIdFor('acme', 'carol'), carolThere, 'answered, thus synced, although it was killed');
  await vault.close();
});

test.run();
