import { EventStoreUrlError } from './errors.ts';

/**
 * Checks what the client would misread in silence or report in its own terms.
 * @throws EventStoreUrlError, without the credentials in its message.
 */
export function checkEventStoreUrl(url: string): string {
  const trimmed = url.trim();
  const match = /^(?<scheme>[a-z0-9+.-]+):\/\/(?:(?<user>[^@/?]*)@)?(?<hosts>[^/?]*)\/?(?:\?(?<query>.*))?$/i.exec(
    trimmed,
  );
  if (!match?.groups) throw new EventStoreUrlError('is not a connection string');
  const { scheme = '', user, hosts = '', query = '' } = match.groups;
  if (scheme !== 'esdb' && scheme !== 'esdb+discover') {
    throw new EventStoreUrlError(`has the scheme ${JSON.stringify(scheme)}`);
  }
  if (user !== undefined && !/^[^:]+:.+$/.test(user))
    throw new EventStoreUrlError('has credentials that are not user:password');
  for (const host of hosts.split(',')) {
    if (!/^[^:\s]+(:\d{1,5})?$/.test(host)) throw new EventStoreUrlError(`names the host ${JSON.stringify(host)}`);
  }
  for (const pair of query.split('&').filter(Boolean)) checkSetting(pair);
  return trimmed;
}

function checkSetting(pair: string): void {
  const [key = '', value = ''] = pair.split('=');
  if (key === '' || value === '')
    throw new EventStoreUrlError(`has the setting ${JSON.stringify(pair)} without a value`);
  if (/^tls$/i.test(key) && !/^(true|false)$/i.test(value))
    throw new EventStoreUrlError(`has tls=${value}, not true or false`);
  if (/^tlsVerifyCert$/i.test(key) && /^false$/i.test(value)) {
    throw new EventStoreUrlError('has tlsVerifyCert=false, which the client ignores: give tlsCAFile instead');
  }
  if (/^throwOnAppendFailure$/i.test(key))
    throw new EventStoreUrlError('has throwOnAppendFailure, which the client gets wrong');
}
