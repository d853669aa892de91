/**
 * The process that does Perennial's end-to-end work on Emmett and PostgreSQL.
 *
 * @module
 */
import { connectBroker, ensureTopology, type Broker } from '@perennial/broker';
import { opening } from '../load/history.ts';
import { windowed } from '../load/windowed.ts';
import { hashOf, openHandler, type Handle } from './handler.ts';
import { startIntake, type Intake } from './intake.ts';
import type { FromEmmett, ToEmmett } from './messages.ts';

type Running = {
  readonly broker: Broker;
  readonly handle: Handle;
  readonly intake: Intake;
  close(): Promise<void>;
};

let running: Running | undefined;

process.on('message', (message: ToEmmett) => {
  obey(message).catch(fail);
});
process.once('disconnect', () => process.exit(1));

async function obey(message: ToEmmett): Promise<void> {
  switch (message.kind) {
    case 'start':
      running = await start(message);
      return tell({ kind: 'started' });
    case 'open':
      await open(message.subscriptions);
      return tell({ kind: 'opened' });
    case 'stop':
      await running?.intake.stop();
      await running?.close();
      process.exit(0);
      return undefined;
    default:
      throw new TypeError(`unknown message ${JSON.stringify(message satisfies never)}`);
  }
}

async function start(message: Extract<ToEmmett, { kind: 'start' }>): Promise<Running> {
  const broker = await connectBroker({ url: message.natsUrl, name: 'emmett' });
  await ensureTopology(broker);
  // One connection more than lanes: Emmett's schema check may hold one.
  const { handle, close } = await openHandler(message.databaseUrl, message.inFlightCountMax + 1);
  const intake = await startIntake(broker, handle, { ...message, onFailure: fail });
  return {
    broker,
    handle,
    intake,
    close: async () => {
      await close();
      await broker.connection.close();
    },
  };
}

async function open(subscriptions: Extract<ToEmmett, { kind: 'open' }>['subscriptions']): Promise<void> {
  await windowed(subscriptions.length, 8, async (index) => {
    const subscription = subscriptions[index];
    if (subscription === undefined || running === undefined) throw new Error('start comes first');
    for (const command of opening) {
      const commandId = `open:${command.name}`;
      await running.handle(
        subscription,
        { kind: 'command', command, commandId, commandHash: hashOf(command) },
        { actor: { type: 'user', id: 'bench' }, correlationId: commandId, causationId: commandId },
      );
    }
  });
}

function fail(error: unknown): void {
  tell({ kind: 'failed', message: error instanceof Error ? (error.stack ?? error.message) : String(error) });
}

function tell(message: FromEmmett): void {
  process.send?.(message);
}
