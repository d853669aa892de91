import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { missingLine, readmeBlocks } from './readme-blocks.ts';

const test = suite('reading commands out of the README');
const fence = '```';

test('each command goes with the output that follows it, within its section', () => {
  const markdown = [
    '## Before',
    `${fence}sh`,
    'not this',
    fence,
    '## Here',
    `${fence}sh`,
    'one',
    'two  # ends with 1',
    fence,
    'Text between.',
    `${fence}text`,
    'shown',
    fence,
    '### Deeper',
    `${fence}sh`,
    '## a comment of the shell is no heading',
    fence,
    '## After',
    `${fence}sh`,
    'nor this',
    fence,
  ].join('\n');
  assert.equal(readmeBlocks(markdown, 'Here'), [
    { commands: 'one\ntwo  # ends with 1', line: 6, expected: ['shown'], exitCode: 1 },
    { commands: '## a comment of the shell is no heading', line: 15, expected: [], exitCode: 0 },
  ]);
});

test('output that belongs to no command, and a section that is not there, are mistakes', () => {
  assert.throws(() => readmeBlocks(`## Here\n${fence}text\nshown\n${fence}`, 'Here'), /line 2/);
  assert.throws(() => readmeBlocks('## There', 'Here'), /no section "Here"/);
});

test('lines are looked for in their order, dots stand for anything within a line, blanks for blanks', () => {
  const output = 'PART     STATE\nrelay    running  (1 of 2)\n{"a":[1],"b":"x"}\n';
  assert.is(missingLine(output, ['PART STATE', 'relay running (1 of 2)', '{"a":…"b":"x"}']), undefined);
  assert.is(missingLine(output, ['relay running', 'PART STATE']), 'PART STATE');
  assert.is(missingLine(output, ['PART…running']), 'PART…running');
  assert.is(missingLine(output, ['relay.running']), 'relay.running');
});

test.run();
