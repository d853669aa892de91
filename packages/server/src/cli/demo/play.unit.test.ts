import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createApiClient } from '../client.ts';
import { audienceFor } from './audience.ts';
import type { Chapter } from './chapter.ts';
import type { Doors } from './doors.ts';
import { DemoMismatchError } from './mismatch.ts';
import { play } from './play.ts';
import { Stage } from './stage.ts';

const test = suite('playing chapters');

const notNeeded = () => Promise.reject(new Error('no door is needed here'));
const doors: Doors = {
  api: createApiClient({ url: 'http://127.0.0.1:1' }),
  publish: notNeeded,
  stripe: notNeeded,
  view: notNeeded,
  close: () => Promise.resolve(),
};

function chapter(id: string, act: (stage: Stage) => void): Chapter {
  return { id, title: `Title of ${id}`, about: 'About.', play: async (stage) => act(stage) };
}

async function played(chapters: readonly Chapter[], signal = new AbortController().signal) {
  const lines: string[] = [];
  const terminal = {
    env: {},
    workingDirectory: '/',
    print: (line: string) => void lines.push(line),
    complain: (line: string) => void lines.push(line),
    readInput: () => Promise.resolve(''),
    interactive: false,
    signal,
  };
  const audience = await audienceFor(terminal, false);
  const stage = new Stage(doors, '', '2027-01-01T00:00:00.000Z');
  return { ...(await play({ stage, chapters, audience, signal })), text: lines.join('\n') };
}

test('each chapter has its own notes, and all checks are counted', async () => {
  const { report, failure, text } = await played([
    chapter('one', (stage) => stage.check('a holds', 'a', 'a')),
    chapter('two', (stage) => stage.check('b holds', { b: [1] }, { b: [1] })),
  ]);
  assert.is(failure, undefined);
  assert.equal(report.checks, { held: 2, made: 2 });
  assert.equal(
    report.chapters.map(({ id, checks }) => [id, checks.length]),
    [
      ['one', 1],
      ['two', 1],
    ],
  );
  assert.match(text, /^1\. Title of one$/m);
  assert.match(text, /^✓ b holds: \{"b":\[1\]\}$/m);
});

test('the first claim that does not hold ends the run, and is in the report', async () => {
  let reached = false;
  const { report, failure, text } = await played([
    chapter('wrong', (stage) => stage.check('it is active', 'expired', 'active')),
    chapter('after', () => void (reached = true)),
  ]);
  assert.is(reached, false);
  assert.is(report.ok, false);
  assert.equal(report.checks, { held: 0, made: 1 });
  assert.is(failure?.code, 'DEMO_MISMATCH');
  assert.match(failure?.message ?? '', /it is active: expected "active", but the server shows "expired"/);
  assert.match(text, /^✗ it is active: "expired"$/m);
});

test('what is told later than it can be read is waited for', async () => {
  const answers = [undefined, 'expired', 'active'];
  const stage = new Stage(doors, '', '2027-01-01T00:00:00.000Z');
  await stage.checkSoon('the feed says so', () => Promise.resolve(answers.shift()), 'active');
  assert.equal(
    stage.notes().checks.map(({ holds }) => holds),
    [true],
  );
});

test('a fault is no failed claim: it goes on to whoever asked', async () => {
  const broken = chapter('broken', () => {
    throw new TypeError('a defect');
  });
  try {
    await played([broken]);
    assert.unreachable();
  } catch (error) {
    assert.instance(error, TypeError);
    assert.not.instance(error, DemoMismatchError);
  }
});

test('an interrupted run ends before the next chapter', async () => {
  const aborted = AbortSignal.abort();
  let reached = false;
  try {
    await played([chapter('never', () => void (reached = true))], aborted);
    assert.unreachable();
  } catch (error) {
    assert.match(String(error), /interrupted/);
  }
  assert.is(reached, false);
});

test.run();
