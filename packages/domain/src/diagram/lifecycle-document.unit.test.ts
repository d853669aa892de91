import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { paymentFactKinds } from '../payment/fact.ts';
import { subscriptionStatuses } from '../subscription/lifecycle.ts';
import { subscriptionMachine } from '../subscription/machine.ts';
import { stateAnswers } from '../subscription/state-answers.ts';
import { factCases } from './fact-cases.ts';
import { documents } from './index.ts';
import { lifecycleDocument } from './lifecycle-document.ts';
import { machineTransitions } from './machine-transitions.ts';
import { withPolicyTable } from './policy-table.ts';
import { stateDiagram } from './state-diagram.ts';
import { table } from './table.ts';

const test = suite('the lifecycle as a document');

const text = lifecycleDocument();

for (const { path, text: shouldBe } of documents) {
  test(`${path} is what the code says; after a change run \`node tools/lifecycle-document.mjs\``, () => {
    const written = readFileSync(new URL(`../../../../${path}`, import.meta.url), 'utf8');
    assert.ok(written === shouldBe(written), `${path} is out of date`);
  });
}

test('a page without the marks of its generated part is refused', () => {
  assert.throws(() => withPolicyTable('# Policy profiles\n'), /needs the lines/);
});

test('every state and every change of state of the machine is an arrow of the diagram', () => {
  const diagram = stateDiagram();
  for (const [from, state] of Object.entries(subscriptionMachine.root.states)) {
    assert.match(diagram, new RegExp(`^  ${from} -->`, 'm'));
    for (const [event, transitions] of state.transitions) {
      const name = event.replace(/^\w+\./, '').replaceAll(/[-_]/g, '.');
      for (const { target } of transitions) {
        const to = target?.[0]?.key;
        if (to !== undefined && to !== from) {
          assert.match(diagram, new RegExp(`^  ${from} --> ${to}: .*${name}`, 'm'), `${from} ${event} ${to}`);
        }
      }
    }
  }
  assert.is(
    machineTransitions().length,
    Object.values(subscriptionMachine.root.states).flatMap(({ transitions }) => [...transitions.values()].flat())
      .length,
  );
});

test('no cell of the two matrices is empty', () => {
  const commands = cells('| command | pending');
  assert.equal(
    commands.map(([name]) => name),
    Object.keys(stateAnswers).map((name) => `\`${name}\``),
  );
  const facts = cells('| payment fact');
  assert.is(facts.length, factCases.length);
  for (const row of [...commands, ...facts]) {
    assert.is(row.length, subscriptionStatuses.length + 1);
    assert.ok(
      row.every((cell) => cell.trim() !== ''),
      row.join('|'),
    );
  }
});

test('every kind of payment fact is decided in every state', () => {
  for (const kind of paymentFactKinds) {
    const states = new Set<string>();
    for (const row of factCases) {
      for (const status of subscriptionStatuses) {
        const subject = row.subject(status);
        if (subject === undefined) continue;
        assert.is(subject.header.status, status, row.label);
        if (row.fact(subject).kind === kind) states.add(status);
      }
    }
    assert.equal([...states], [...subscriptionStatuses], kind);
  }
});

test('a command names who may give it', () => {
  for (const [command, roles] of cells('| command | opened by')) assert.match(roles ?? '', 'global-admin', command);
});

test('the same text each time, and a pipe does not end a cell', () => {
  assert.is(lifecycleDocument(), text);
  assert.is(table(['a'], [['x | y']]), '| a |\n| --- |\n| x \\| y |');
});

/** The rows below the head of the table that begins so. */
function cells(head: string): string[][] {
  const lines = text.slice(text.indexOf(`\n${head}`) + 1).split('\n');
  const rows = lines.slice(2, lines.indexOf(''));
  return rows.map((line) => line.slice(2, -2).split(' | '));
}

test.run();
