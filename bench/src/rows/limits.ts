/**
 * What this machine can do at best, measured in the same run: every row that waits for a disk is shown as a share of it.
 *
 * @module
 */
import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { publishPayment } from '@perennial/handlers';
import { closingAll } from '../engines/closers.ts';
import { startNats } from '../engines/start-nats.ts';
import { inTemporaryDirectory } from '../engines/workspace.ts';
import { payment, subscriptionsOf } from '../load/payments.ts';
import { timed, type Timed } from '../load/windowed.ts';
import type { Row } from '../report/report.ts';
import { measured } from './measured.ts';
import type { Scale } from './scale.ts';

const recordBytes = 512;
const groupCount = 256;
const publishWindow = 256;

/** Limits of the disk: one record per sync, and as many records as one group commit of the event store may take. */
export function diskLimits(scale: Scale): Promise<Row[]> {
  return inTemporaryDirectory('disk', async (directory) => [
    await measured({ id: 'limit.sync', system: 'disk', durable: true }, () =>
      syncedWrites(join(directory, 'single'), { count: Math.ceil(scale.callCount / 10), recordCount: 1 }),
    ),
    await measured({ id: 'limit.groupSync', system: 'disk', durable: true }, async () => {
      const count = Math.ceil(scale.callCount / 40);
      const writes = await syncedWrites(join(directory, 'group'), { count, recordCount: groupCount });
      return { ...writes, perSecond: writes.perSecond * groupCount };
    }),
  ]);
}

/** Payments into `PAYMENTS` as fast as they are acknowledged: nothing behind the broker can be faster. */
export function publishLimit(scale: Scale, sync: Row | undefined): Promise<Row> {
  return inTemporaryDirectory('publish', (directory) =>
    closingAll(async ({ add }) => {
      const { broker } = add(await startNats(join(directory, 'nats')), (nats) => nats.stop());
      const subscriptions = subscriptionsOf(100);
      const publish = async (id: string, index: number): Promise<void> => {
        const subscription = subscriptions[index % subscriptions.length];
        if (subscription !== undefined) await publishPayment(broker, payment(subscription, `${id}-${index}`));
      };
      await timed(500, publishWindow, (index) => publish('warm', index));
      return measured({ id: 'limit.publish', system: 'nats-server', durable: true, limit: sync }, () =>
        timed(scale.callCount / 2, publishWindow, (index) => publish('limit', index)),
      );
    }),
  );
}

async function syncedWrites(
  path: string,
  { count, recordCount }: { readonly count: number; readonly recordCount: number },
): Promise<Timed> {
  const file = openSync(path, 'w');
  const records = Buffer.alloc(recordBytes * recordCount, 'x');
  try {
    return await timed(count, 1, () => {
      writeSync(file, records);
      fdatasyncSync(file);
      return Promise.resolve();
    });
  } finally {
    closeSync(file);
  }
}
