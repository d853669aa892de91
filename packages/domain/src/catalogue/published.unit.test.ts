import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { platformEventSchemas, type PlatformEvent } from '../platform/events.ts';
import type { Catalogue } from './catalogue.ts';
import { evolveCatalogue, initialCatalogue, publicationOf } from './published.ts';

const test = suite('published catalogues');

function catalogueOf(planCount: number, version = 'v1'): Catalogue {
  const apps = Array.from({ length: 40 }, (_, n) => ({
    appId: `app-${n}`,
    name: `App ${n}`,
    kind: 'service' as const,
  }));
  const plans = Array.from({ length: planCount }, (_, n) => ({ planId: `plan-${n}`, name: `Plan ${n}`, apps }));
  return { version, plans };
}

const fold = (events: readonly PlatformEvent[]): typeof initialCatalogue =>
  events.reduce(evolveCatalogue, initialCatalogue);

test('a large catalogue comes back from events that each stay below a megabyte', () => {
  const catalogue = catalogueOf(600);
  const events = publicationOf(catalogue);
  assert.ok(events.length > 3);
  for (const event of events) {
    assert.ok(JSON.stringify(event).length < 400_000);
    assert.equal(platformEventSchemas[event.type].parse(event.data), event.data);
  }
  assert.equal(fold(events).current, catalogue);
});

test('a publication that was interrupted has no effect and leaves nothing behind', () => {
  const whole = publicationOf(catalogueOf(600));
  const interrupted = fold(whole.slice(0, 2));
  assert.is(interrupted.current, null);
  assert.equal(fold([...whole.slice(0, 2), ...whole]).current, catalogueOf(600));
});

test('the newest published catalogue is in force', () => {
  const events = [...publicationOf(catalogueOf(2)), ...publicationOf(catalogueOf(3, 'v2'))];
  assert.is(fold(events).current?.version, 'v2');
  assert.is(fold(publicationOf(catalogueOf(0))).current?.plans.length, 0);
});

test.run();
