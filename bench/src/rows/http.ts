import { closingAll } from '../engines/closers.ts';
import { subscriptionsOf } from '../load/payments.ts';
import { timed } from '../load/windowed.ts';
import { accepted, startPerennialUnderLoad } from '../perennial/start-perennial.ts';
import type { Row } from '../report/report.ts';
import { measured } from './measured.ts';
import type { Scale } from './scale.ts';

const inFlightCount = 16;
const subscriptionCount = 64;

/** A command over HTTP, each time one event: `set-recurring-billing`, off and on again. Latency is that of one alone. */
export function httpRows(scale: Scale, limit: Row | undefined): Promise<Row[]> {
  return closingAll(async (closers) => {
    const system = await startPerennialUnderLoad(closers);
    const subscriptions = subscriptionsOf(subscriptionCount);
    await system.open(subscriptions);
    const on = new Map<string, boolean>();
    const command = async (index: number): Promise<void> => {
      const { tenant = '', subscriptionId = '' } = subscriptions[index % subscriptionCount] ?? {};
      const next = !(on.get(subscriptionId) ?? true);
      on.set(subscriptionId, next);
      const path = `/tenants/${tenant}/subscriptions/${subscriptionId}/commands/set-recurring-billing`;
      accepted(await system.api.post(path, { on: next }));
    };
    await timed(200, inFlightCount, command);
    const head = { system: 'perennial', durable: true, limit };
    const alone = await measured({ id: 'http.command.alone', ...head }, () => timed(scale.callCount / 40, 1, command));
    const loaded = await measured({ id: 'http.command', ...head }, () =>
      timed(scale.callCount / 10, inFlightCount, command),
    );
    return [loaded, alone];
  });
}
