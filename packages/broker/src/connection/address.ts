import { BrokerError } from '../errors/broker-error.ts';

/** `NATS_URL`, taken apart. */
export interface BrokerAddress {
  /** `host:port` of every server named. */
  readonly servers: string[];
  /** Whether a URL asks for TLS. */
  readonly tls: boolean;
  readonly user?: string;
  readonly pass?: string;
  readonly token?: string;
  /** The URLs without their secrets, for messages. */
  readonly shown: string;
}

/**
 * Reads `nats://[user:password@]host[:port]`, `tls://…`, or several of them separated by commas. The first credentials
 * count; a user without a password is a token, as everywhere in NATS.
 *
 * @throws BrokerError NATS_URL_INVALID
 */
export function parseAddress(text: string): BrokerAddress {
  const urls = text.split(',').map((part) => parseUrl(part.trim()));
  const servers = urls.map((url) => `${url.hostname}:${url.port || '4222'}`);
  const [first] = urls.filter((url) => url.username !== '');
  const name = first && decodeURIComponent(first.username);
  return {
    servers,
    tls: urls.some((url) => url.protocol === 'tls:'),
    ...(first && name && (first.password ? { user: name, pass: decodeURIComponent(first.password) } : { token: name })),
    shown: urls.map((url, index) => `${url.protocol}//${servers[index]}`).join(','),
  };
}

function parseUrl(text: string): URL {
  const withScheme = /^[a-z]+:\/\//.test(text) ? text : `nats://${text}`;
  const url = URL.canParse(withScheme) ? new URL(withScheme) : undefined;
  if (url === undefined || url.hostname === '' || !['nats:', 'tls:'].includes(url.protocol)) {
    // The text itself may hold a password, so it is not repeated.
    throw new BrokerError(
      'NATS_URL_INVALID',
      'NATS_URL must look like nats://host:4222 (or tls://, or several with commas).',
    );
  }
  return url;
}
