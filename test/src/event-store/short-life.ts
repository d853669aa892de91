/** Run as a process of its own: opens the store, uses every part of it once, closes it, and must then end by itself. */
import { emptyHead, openEventStore } from '@perennial/event-store';
import { definitions, noted } from './notes.ts';

const [url = '', stream = ''] = process.argv.slice(2);
process.on('unhandledRejection', (reason) => {
  console.error('unhandled', reason);
  process.exit(3);
});
const store = await openEventStore({ url, definitions });
await store.append(stream, emptyHead(stream), [noted('a')]);
await store.readHead(stream);
const follow = (async () => {
  for await (const item of store.subscribeToAll({ signal: new AbortController().signal })) {
    if (item.kind === 'caught-up') void store.close();
  }
})();
await follow;
await store.close();
console.log('closed');
