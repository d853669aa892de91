import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { cliTable } from './table.ts';
import { run } from './testing/console.ts';

const test = suite('the command line');

test('help names every command, and every group and command has help of its own', async () => {
  const { code, out } = await run(['--help']);
  assert.is(code, 0);
  for (const entry of cliTable) {
    assert.ok(out.includes(entry.name), entry.name);
    const commands = entry.kind === 'group' ? entry.commands : [entry];
    for (const command of commands) {
      const words = entry.kind === 'group' ? [entry.name, command.name] : [command.name];
      const help = await run([...words, '--help']);
      assert.is(help.code, 0, words.join(' '));
      assert.ok(help.out.includes(`perennial ${words.join(' ')}`), help.out);
      assert.match(help.out, /--json/);
    }
  }
});

test('help needs no server and loads no command', async () => {
  assert.is((await run(['subscription', '--help'])).code, 0);
  assert.match((await run(['subscription'])).out, /Commands:/);
  assert.match((await run([])).out, /Commands:/);
});

test('a command or option that there is not, or an argument too few or too many, is a usage error', async () => {
  const wrong = [
    ['frob'],
    ['subscription', 'frob'],
    ['subscription', 'show'],
    ['subscription', 'show', 'a/b', 'c'],
    ['subscription', 'show', 'a/b', '--colour', 'red'],
    ['subscription', 'show', 'a/b', '--at'],
    ['subscription', 'show', 'a/b/c'],
    ['subscription', 'show', 'b'],
    ['subscription', 'list'],
    ['subscription', 'list', 'acme', '--url', 'nowhere'],
  ];
  for (const args of wrong) {
    const { code, err, out } = await run(args);
    assert.is(code, 1, args.join(' '));
    assert.match(err, /^USAGE: .*\n {2}→ ./, args.join(' '));
    assert.is(out, '');
  }
});

test('without a running server the way to one is named', async () => {
  const { code, err } = await run(['status'], { env: { PERENNIAL_DATA: '/nonexistent/data' } });
  assert.is(code, 1);
  assert.match(err, /^NOT_RUNNING: No server runs on \/nonexistent\/data\.\n {2}→ /);
});

test('with --json an error is one line of JSON on standard error', async () => {
  const { code, err } = await run(['status', '--json']);
  assert.is(code, 1);
  assert.is((JSON.parse(err) as { code: string }).code, 'NOT_RUNNING');
});

test('a port where nobody listens is named without a stack trace', async () => {
  const { code, err } = await run(['status', '--url', 'http://127.0.0.1:1']);
  assert.is(code, 1);
  assert.match(err, /^SERVER_UNREACHABLE: No server answers at http:\/\/127\.0\.0\.1:1\.\n {2}→ /);
  assert.not.match(err, /\n +at /);
});

test.run();
