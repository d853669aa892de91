/** The scenarios of `domain.md` 7 through the outside doors: payments over NATS or as webhooks, commands and reads over HTTP. */
import { suite } from 'uvu';
import { calendarScenarios } from './acceptance/calendar.ts';
import { lifecycleScenarios } from './acceptance/lifecycle.ts';
import { paymentScenarios } from './acceptance/payments.ts';
import { peopleScenarios } from './acceptance/people.ts';
import { Play } from './acceptance/play.ts';

const test = suite('acceptance scenarios (domain.md 7)');
const scenarios = [...lifecycleScenarios, ...paymentScenarios, ...peopleScenarios, ...calendarScenarios];
const play = new Play(scenarios, '2026-06-01T00:00:00.000Z');

test.before(() => play.perform());
test.after(() => play.close());

for (const scenario of scenarios) test(scenario.name, () => play.verdict(scenario));

test.run();
