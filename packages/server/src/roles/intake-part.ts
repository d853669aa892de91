import { randomUUID } from 'node:crypto';
import { createCommandService, startIntake, type CommandService, type HeldLicenses } from '@perennial/handlers';
import type { StartedParts } from './compose.ts';
import type { Shared } from './shared.ts';

/** The command side of a process: every process that decides has one; `licenses` where it has a read side. */
export function openCommands(shared: Shared, licenses?: HeldLicenses): CommandService {
  const { store, clock, vault, states, tenants, catalogue, log, metrics } = shared;
  return createCommandService({
    store,
    clock,
    vault,
    cache: states,
    tenants,
    plans: catalogue,
    newId: randomUUID,
    log,
    metrics,
    ...(licenses && { licenses }),
  });
}

/** Payments in. It uses no SQL. */
export function startIntakePart(shared: Shared): StartedParts {
  const { store, broker, clock, log, metrics } = shared;
  const commands = openCommands(shared);
  const intake = startIntake({ broker, store, commands, clock, log, metrics });
  return {
    roles: [intake],
    stop: async () => {
      await intake.stop();
      await commands.close();
    },
  };
}
