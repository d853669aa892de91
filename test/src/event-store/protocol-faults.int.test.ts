import {
  createEventRegistry,
  emptyHead,
  openEventStore,
  sealEvents,
  type EventStore,
  type EventStoreMetric,
  type SubscriptionItem,
} from '@perennial/event-store';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { collect, definitions, noted, within } from './notes.ts';
import { startScriptedServer, type ScriptedCall, type Script, type SeenAppend } from './scripted-server.ts';

const faults = suite('what a server or connection may do wrong');
const head = emptyHead('s-1');
const [stored] = sealEvents('s-1', head, [noted('a')], createEventRegistry(definitions)).events;
if (!stored) throw new Error('sealing one event gives one event');
const storedRaw = { ...stored.raw, position: 7n };

/** Runs a test against a server that behaves as scripted; the read of the log that opening makes finds it empty. */
async function against(
  script: Script,
  test: (store: EventStore, metrics: readonly EventStoreMetric[]) => Promise<void>,
  appendTimeoutMs = 200,
): Promise<void> {
  const read: Script['read'] = (request, call) => {
    if (script.read) script.read(request, call);
    else call.end();
  };
  const server = await startScriptedServer({ ...script, read });
  const metrics: EventStoreMetric[] = [];
  const store = await openEventStore({
    url: server.url,
    definitions,
    appendTimeoutMs,
    appendAttemptCountMax: 4,
    idleWatchdogMs: 100,
    readSilenceMs: 300,
    readUnavailableMs: 500,
    backoffFirstMs: 10,
    onMetric: (metric) => metrics.push(metric),
  });
  try {
    await within(30_000, test(store, metrics), 'the test');
  } finally {
    await store.close();
    await server.close();
  }
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  return await promise.then(
    () => 'accepted',
    (error: { code?: string; message?: string }) => error.code ?? error.message ?? 'no error at all',
  );
}

faults('a repeat carries the identical bytes, and the late answer to the first harms nothing', async () => {
  const seen: SeenAppend[] = [];
  let answerFirst: (() => void) | undefined;
  const script: Script = {
    append(append, answer) {
      if (append.stream === 's-1') seen.push(append);
      if (append.stream === 's-1' && seen.length === 1) {
        answerFirst = () => answer({ revision: 0, position: 7 });
        return;
      }
      // Others are answered at once: a call on which nothing is heard would be given up, and the late answer with it.
      if (append.stream === 's-1') answerFirst?.();
      answer({ revision: 0, position: 7 });
    },
  };
  await against(script, async (store, metrics) => {
    const others = setInterval(() => void store.append('s-2', emptyHead('s-2'), [noted('b')]), 50);
    const outcome = await store.append('s-1', head, [noted('a')]).finally(() => clearInterval(others));
    assert.is(outcome.kind, 'appended');
    assert.is(seen.length, 2);
    assert.equal(seen[1]?.body, seen[0]?.body);
    const kinds = metrics.map(({ kind }) => kind);
    assert.is(kinds.filter((kind) => kind === 'append-resent').length, 1);
    assert.is(kinds.filter((kind) => kind === 'late-reply').length, 1);
  });
});

faults('a conflict after an unknown outcome is an append when the stored events are ours', async () => {
  let attempts = 0;
  const script: Script = {
    append(_, answer) {
      attempts += 1;
      if (attempts > 1) answer({ wrongRevision: 3 });
    },
    read(request, call) {
      if (request.kind === 'stream') call.event(storedRaw);
      call.end();
    },
  };
  await against(script, async (store) => {
    const outcome = await store.append('s-1', head, [noted('a')]);
    assert.is(outcome.kind, 'appended');
    assert.is(outcome.kind === 'appended' && outcome.position, 7n);
  });
});

faults('a conflict after an unknown outcome stays one when the stored events are of others', async () => {
  let attempts = 0;
  const script: Script = {
    append(_, answer) {
      attempts += 1;
      if (attempts > 1) answer({ wrongRevision: 0 });
    },
    read(request, call) {
      if (request.kind === 'stream') call.event(storedRaw);
      call.end();
    },
  };
  await against(script, async (store) => {
    const outcome = await store.append('s-1', head, [noted('other content')]);
    assert.equal(outcome, { kind: 'conflict', actualRevision: 0 });
  });
});

faults('a success without a position is completed by reading', async () => {
  const script: Script = {
    append: (_, answer) => answer({ revision: 0 }),
    read(request, call) {
      if (request.kind === 'stream') call.event(storedRaw);
      call.end();
    },
  };
  await against(script, async (store) => {
    const outcome = await store.append('s-1', head, [noted('a')]);
    assert.is(outcome.kind === 'appended' && outcome.position, 7n);
  });
});

for (const [error, code] of [
  ['BadRequest', 'EVENT_STORE_REQUEST_REFUSED'],
  ['MaximumAppendSizeExceeded', 'APPEND_TOO_LARGE'],
  ['AccessDenied', 'EVENT_STORE_ACCESS_DENIED'],
  ['StreamDeleted', 'STREAM_DELETED'],
] as const) {
  faults(`the answer ${error} is final: ${code} after one attempt`, async () => {
    let attempts = 0;
    const append: Script['append'] = (_, answer) => {
      attempts += 1;
      answer({ error });
    };
    await against({ append }, async (store) => {
      assert.is(await codeOf(store.append('s-1', head, [noted('a')])), code);
      assert.is(attempts, 1);
    });
  });
}

for (const error of ['Timeout', 'Unknown', 'SomethingNew', 'none']) {
  faults(`the answer ${error} leaves the outcome unknown: it is sent again`, async () => {
    let attempts = 0;
    const append: Script['append'] = (_, answer) => {
      attempts += 1;
      answer(attempts < 3 ? { error } : { revision: 0, position: 7 });
    };
    await against({ append }, async (store) => {
      assert.is((await store.append('s-1', head, [noted('a')])).kind, 'appended');
    });
  });
}

const breaks: readonly (readonly [what: string, act: (call: ScriptedCall) => void])[] = [
  ['ends without an error', (call) => call.end(0)],
  ['is cancelled by the server', (call) => call.end(1)],
  ['fails as unavailable', (call) => call.end(14)],
  ['fails with an internal error', (call) => call.end(13)],
  ['carries bytes that are no message', (call) => call.send(Buffer.from([0xff, 0xff, 0xff]))],
];

for (const [what, act] of breaks) {
  faults(`a call that ${what} ends the waiting of the appends on it at once, and they are sent again`, async () => {
    let attempts = 0;
    const append: Script['append'] = (_, answer, call) => {
      attempts += 1;
      if (attempts === 20) act(call);
      else if (attempts > 20) answer({ revision: 0, position: 7 });
    };
    const neverTimesOut = 60_000;
    await against({ append }, (store) => appendTwenty(store), neverTimesOut);
  });
}

faults('an answer to nothing that was sent is passed over', async () => {
  let attempts = 0;
  const append: Script['append'] = (_, answer, call) => {
    attempts += 1;
    call.send(Buffer.from([]));
    answer({ revision: 0, position: 7 });
  };
  await against({ append }, async (store, metrics) => {
    await appendTwenty(store);
    assert.is(attempts, 20);
    assert.is(metrics.filter(({ kind }) => kind === 'late-reply').length, 20);
  });
});

async function appendTwenty(store: EventStore): Promise<void> {
  const all = Array.from({ length: 20 }, (_, n) => store.append(`s-${n}`, emptyHead(`s-${n}`), [noted('a')]));
  for (const outcome of await Promise.all(all)) assert.is(outcome.kind, 'appended');
}

faults('a server that reports another revision than was appended is not believed', async () => {
  const append: Script['append'] = (_, answer) => answer({ revision: 5, position: 7 });
  await against({ append }, async (store) => {
    assert.is(await codeOf(store.append('s-1', head, [noted('a')])), 'EVENT_STORE_INCOMPATIBLE');
  });
});

faults('a subscription that is alive but delivers nothing is noticed and begun anew', async () => {
  let subscriptions = 0;
  const script: Script = {
    read(request, call) {
      if (request.kind !== 'subscription') {
        call.event(storedRaw);
        return call.end();
      }
      subscriptions += 1;
      call.confirm();
      if (subscriptions > 1) call.event(storedRaw);
      call.caughtUp();
    },
  };
  await against(script, async (store, metrics) => {
    const items = await followUntilEvent(store);
    assert.equal(
      items.map(({ kind }) => kind),
      ['caught-up', 'event'],
    );
    assert.equal(
      metrics.filter(({ kind }) => kind === 'subscription-resumed'),
      [{ kind: 'subscription-resumed', because: 'silent' }],
    );
  });
});

faults('a silent subscription to a log without news is left alone', async () => {
  let subscriptions = 0;
  const headReads = { count: 0 };
  const script: Script = {
    read(request, call) {
      if (request.kind === 'subscription') {
        subscriptions += 1;
        return call.event(storedRaw);
      }
      headReads.count += 1;
      call.event(storedRaw);
      call.end();
    },
  };
  await against(script, async (store) => {
    const abort = new AbortController();
    const done = collect(store.subscribeToAll({ signal: abort.signal }));
    while (headReads.count < 4) await new Promise((resolve) => setTimeout(resolve, 10));
    abort.abort();
    assert.is((await done).length, 1);
    assert.is(subscriptions, 1);
  });
});

faults('a server that repeats events after resuming does not make them come twice', async () => {
  const later = { ...storedRaw, stream: 's-2', position: 9n };
  let subscriptions = 0;
  const script: Script = {
    read(request, call) {
      if (request.kind !== 'subscription') return call.end();
      subscriptions += 1;
      call.event(storedRaw);
      if (subscriptions > 1) call.event(later);
      call.end(14);
    },
  };
  await against(script, async (store) => {
    const items = await followUntilEvent(store, 's-2');
    assert.equal(
      items.map((item) => item.kind === 'event' && item.event.position),
      [7n, 9n],
    );
  });
});

faults('a subscription that is not allowed, or starts nowhere, says so instead of trying for ever', async () => {
  for (const [grpcStatus, trailers, code] of [
    [7, { exception: 'access-denied' }, 'EVENT_STORE_ACCESS_DENIED'],
    [3, {}, 'EVENT_STORE_REQUEST_REFUSED'],
  ] as const) {
    const script: Script = {
      read: (request, call) => call.end(request.kind === 'subscription' ? grpcStatus : 0, trailers),
    };
    await against(script, async (store) => {
      assert.is(await codeOf(followUntilEvent(store)), code);
    });
  }
});

faults('a read that never answers ends as unavailable within its bounds', async () => {
  const script: Script = {
    read(request, call) {
      if (request.kind === 'log') call.end();
    },
  };
  await against(script, async (store) => {
    assert.is(await codeOf(collect(store.readStream('s-1'))), 'EVENT_STORE_UNAVAILABLE');
  });
});

faults('a read that breaks goes on after the last event it gave', async () => {
  let reads = 0;
  const script: Script = {
    read(request, call) {
      if (request.kind !== 'stream') return call.end();
      reads += 1;
      if (reads > 1) return call.end();
      call.event(storedRaw);
      call.end(14);
    },
  };
  await against(script, async (store) => {
    assert.equal(
      (await collect(store.readStream('s-1'))).map(({ revision }) => revision),
      [0],
    );
    assert.is(reads, 2);
  });
});

async function followUntilEvent(store: EventStore, stream = 's-1'): Promise<SubscriptionItem[]> {
  const abort = new AbortController();
  const items: SubscriptionItem[] = [];
  for await (const item of store.subscribeToAll({ signal: abort.signal })) {
    items.push(item);
    if (item.kind === 'event' && item.event.stream === stream) break;
  }
  return items;
}

faults.run();
