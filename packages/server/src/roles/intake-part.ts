import { randomUUID } from 'node:crypto';
import {
  createCommandService,
  createNoticeService,
  startIntake,
  type CommandService,
  type HeldLicenses,
  type NoticeService,
} from '@perennial/handlers';
import type { StartedParts } from './compose.ts';
import type { Shared } from './shared.ts';

/**
 * The command side of a process, with what people are told: every process that decides has one; `licenses` where it has a
 * read side.
 */
export function openCommands(
  shared: Shared,
  licenses?: HeldLicenses,
): { readonly commands: CommandService; readonly notices: NoticeService } {
  const { store, clock, vault, states, tenants, catalogue, log, metrics } = shared;
  const commands = createCommandService({
    store,
    clock,
    vault,
    cache: states,
    tenants,
    plans: catalogue,
    newId: randomUUID,
    log,
    metrics,
    onDeadlinesPassed: (subscription) => notices.review(subscription),
    ...(licenses && { licenses }),
  });
  const notices = createNoticeService({ ...shared, commands });
  return { commands, notices };
}

/** Payments in. It uses no SQL. */
export function startIntakePart(shared: Shared): StartedParts {
  const { store, broker, clock, log, metrics } = shared;
  const { commands } = openCommands(shared);
  const intake = startIntake({ broker, store, commands, clock, log, metrics });
  return {
    roles: [intake],
    stop: async () => {
      await intake.stop();
      await commands.close();
    },
  };
}
