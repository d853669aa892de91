import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { apiPath, createApiClient, type ApiClient } from '../client.ts';
import type { CommandAction, CommandContext } from '../command.ts';
import { audienceFor, type Audience } from '../demo/audience.ts';
import { allChapters } from '../demo/chapters/index.ts';
import { openDoors } from '../demo/doors.ts';
import type { OwnServer } from '../demo/own-server.ts';
import { findPlace, type Place } from '../demo/place.ts';
import { play, type Played } from '../demo/play.ts';
import { Stage } from '../demo/stage.ts';

/** `demo`; exit code 1 when the server shows something else than the demo claims */
export const demo: CommandAction = async (context) => {
  const { signal } = context.terminal;
  const audience = await audienceFor(context.terminal, context.flag('json'));
  audience.opens('Perennial: a subscription from purchase to refund, on real parts');
  let place: Place | undefined;
  let ended = false;
  try {
    place = await findPlace(context, audience, signal);
    const played = await playAt(place, context, audience, signal);
    ended = true;
    return finish(played, context, audience, place.own);
  } finally {
    if (!ended) audience.breaksOff('The demo could not go on');
    await leave(place?.own, context.flag('keep'));
  }
};

async function playAt(place: Place, context: CommandContext, audience: Audience, signal: AbortSignal): Promise<Played> {
  const now = await virtualNow(createApiClient({ url: place.url }));
  const doors = await openDoors(place);
  try {
    const csv = context.option('catalogue');
    const chapters = allChapters(csv === undefined ? undefined : resolve(context.terminal.workingDirectory, csv));
    // On a server that has seen a demo before, everything needs names that are new.
    const suffix = place.own === undefined ? `-${randomBytes(3).toString('hex')}` : '';
    const stage = new Stage(doors, suffix, now);
    return await play({ stage, chapters, audience, signal });
  } finally {
    await doors.close();
  }
}

/** @throws CliError CLOCK_NOT_VIRTUAL with what to do */
async function virtualNow(api: ApiClient): Promise<string> {
  return (await api.send<{ readonly now: string }>('POST', apiPath('clock'), { body: { advanceBy: 'PT0S' } })).now;
}

function finish({ report, failure }: Played, context: CommandContext, audience: Audience, own: OwnServer | undefined) {
  const kept = own !== undefined && context.flag('keep') ? own : undefined;
  const { held, made } = report.checks;
  if (context.flag('json')) {
    const server = kept && { pid: kept.pid, directory: kept.directory, dataDirectory: kept.dataDirectory };
    context.terminal.print(JSON.stringify({ ...report, ...(server && { kept: server }) }, null, 2));
  }
  if (failure !== undefined) throw failure;
  audience.closes(
    kept === undefined
      ? `${report.chapters.length} chapters, ${held} of ${made} checks hold.`
      : `${report.chapters.length} chapters, ${held} of ${made} checks hold. The server runs on: ${kept.url}, pid ${kept.pid}, in ${kept.directory}. End it with "kill ${kept.pid}".`,
  );
  return 0;
}

async function leave(own: OwnServer | undefined, keep: boolean): Promise<void> {
  if (own === undefined) return;
  if (keep) own.keep();
  else await own.stop();
}
