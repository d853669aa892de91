import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { allProjections } from '../models/index.ts';
import { rebuiltWith, UnknownProjectionError } from './rebuilt-with.ts';

const test = suite('what is rebuilt together');

test('a projection that has its streams for itself is rebuilt alone', () => {
  assert.equal(rebuiltWith(allProjections, 'seat-uses'), ['seat-uses']);
  assert.equal(rebuiltWith(allProjections, 'key-ledger'), ['key-ledger']);
});

test('projections of the same streams share a guard and are rebuilt together, whichever is named', () => {
  const ofPayments = ['payment-inbox', 'payment-references', 'reference-steps'];
  for (const name of ofPayments) assert.equal(rebuiltWith(allProjections, name), ofPayments);
  assert.equal(rebuiltWith(allProjections, 'plans'), ['catalogue', 'plans']);
});

test('who was erased is rebuilt with whatever is forgotten of them', () => {
  const names = rebuiltWith(allProjections, 'erased-people');
  for (const name of ['tenants', 'erased-people', 'user-licenses', 'subscriptions', 'seat-uses']) {
    assert.ok(names.includes(name), name);
  }
  assert.not.ok(names.includes('payment-inbox'));
});

test('every projection can be named, and each group has its roots', () => {
  for (const { name, handles } of allProjections) {
    const group = rebuiltWith(allProjections, name);
    const roots = allProjections.filter((projection) => projection.root && group.includes(projection.name));
    assert.ok(roots.some((root) => root.handles.streamPrefix === handles.streamPrefix));
  }
});

test('a name that is not there is refused with those that are', () => {
  assert.throws(
    () => rebuiltWith(allProjections, 'licences'),
    (error: unknown) => error instanceof UnknownProjectionError && /there are subscriptions, /.test(error.message),
  );
});

test.run();
