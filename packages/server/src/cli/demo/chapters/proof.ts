import { apiPath } from '../../client.ts';
import type { Chapter } from '../chapter.ts';
import { shown, timeline } from './questions.ts';

// Folding the whole log takes as long as the log is long.
const verifyTimeoutMs = 600_000;

/** The log is the truth: it is intact, the read models equal it, and the change feed has told it. */
export const proof: Chapter = {
  id: 'proof',
  title: 'Does it all hold together?',
  about:
    'The timeline is a chain of hashes, the read models are folded again from the log, and the change feed is read as downstream systems do.',
  play: async (stage) => {
    const acme = stage.named('acme');
    const events = await timeline(stage, acme, 'office');
    stage.did('http', 'read the timeline of acme/office', { timeline: events.map(({ type }) => type) });
    const linked = events.filter((event, index) => index > 0 && event.prevHash === events[index - 1]?.hash);
    stage.check('every event but the first names the hash of the one before it', linked.length, events.length - 1);
    const verified = await stage.doors.api.send<{ readonly equal: boolean }>(
      'POST',
      apiPath('admin', 'projections', 'verify'),
      { body: {}, timeoutMs: verifyTimeoutMs },
    );
    stage.did('http', 'fold the log again and compare', { equal: verified.equal });
    stage.check('the read models equal the log', verified.equal, true);
    const office = shown(await stage.products(acme), 'office');
    await stage.checkSoon(
      'the change feed says the same',
      async () => statusIn(await stage.doors.view('subscriptions', acme, 'office')),
      office?.status,
    );
  },
};

/** The status in a value of the bucket `views`. */
function statusIn(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('current' in value)) return undefined;
  const { current } = value;
  return typeof current === 'object' && current !== null && 'status' in current ? current.status : undefined;
}
