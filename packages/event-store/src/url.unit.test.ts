import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { EventStoreUrlError } from './errors.ts';
import { checkEventStoreUrl } from './url.ts';

const urls = suite('connection strings');

urls('single nodes, several nodes, discovery, credentials and settings are accepted', () => {
  for (const url of [
    'esdb://127.0.0.1:2113?tls=false',
    'esdb://localhost',
    'esdb://a:1,b:2,c:3?tls=true&nodePreference=leader',
    'esdb+discover://cluster.example:2113/?tlsCAFile=/etc/ca.crt',
    'esdb://admin:p%40ss@host:2113',
  ]) {
    assert.is(checkEventStoreUrl(` ${url} `), url);
  }
});

const refused: readonly (readonly [url: string, reason: string])[] = [
  ['', 'not a connection string'],
  ['127.0.0.1:2113', 'not a connection string'],
  ['kurrentdb://host', 'scheme "kurrentdb"'],
  ['http://host:2113', 'scheme "http"'],
  ['esdb://', 'names the host ""'],
  ['esdb://host:port', 'names the host "host:port"'],
  ['esdb://a,,b', 'names the host ""'],
  ['esdb://admin@host', 'user:password'],
  ['esdb://host?tls=no', 'tls=no'],
  ['esdb://host?tls', '"tls" without a value'],
  ['esdb://host?tlsVerifyCert=false', 'tlsCAFile'],
  ['esdb://host?throwOnAppendFailure=false', 'throwOnAppendFailure'],
];

for (const [url, reason] of refused) {
  urls(`${url || '(empty)'} is refused: ${reason}`, () => {
    assert.throws(
      () => checkEventStoreUrl(url),
      (error: unknown) => error instanceof EventStoreUrlError && error.message.includes(reason),
    );
  });
}

urls('a refusal does not repeat the password', () => {
  assert.throws(
    () => checkEventStoreUrl('esdb://admin:secret@host?tls=no'),
    (error: unknown) => error instanceof EventStoreUrlError && !error.message.includes('secret'),
  );
});

urls.run();
