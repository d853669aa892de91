import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { RestartBudget } from './restarts.ts';

const test = suite('restart budget');
const limits = { countMax: 3, windowMs: 1_000, delayMinMs: 10, delayMaxMs: 25 };

test('each restart in a row waits longer, up to the bound', () => {
  const budget = new RestartBudget(limits);
  assert.equal([budget.spend(0), budget.spend(1), budget.spend(2)], [10, 20, 25]);
});

test('a part that keeps ending is given up', () => {
  const budget = new RestartBudget(limits);
  for (const now of [0, 1, 2]) budget.spend(now);
  assert.is(budget.spend(3), undefined);
});

test('a quiet window makes the budget whole again', () => {
  const budget = new RestartBudget(limits);
  for (const now of [0, 1, 2]) budget.spend(now);
  assert.is(budget.spend(1_002), 10);
});

test.run();
