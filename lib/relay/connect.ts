import 'server-only';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import type { RelayTarget } from '#lib/api/clusters.ts';
import { CausewayError, messageOf } from '#lib/errors/errors.ts';
import { readTlsMaterial } from './credentials.ts';

/** How long a connection may be silent before the other side is asked, by TCP itself, whether it is still there. */
const KEEPALIVE_MS = 30_000;
const NOTHING_AHEAD = { highWaterMark: 0 };

/** Host and port of `HOST:PORT` or `[IPv6]:PORT`. */
export function hostAndPort(address: string): { readonly host: string; readonly port: number } {
  const colon = address.lastIndexOf(':');
  return { host: address.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(address.slice(colon + 1)) };
}

/** How to reach a target by TLS. Throws `relay-tls` when its files cannot be read. */
export function tlsOptions(target: RelayTarget): ConnectionOptions {
  const { host, port } = hostAndPort(target.address);
  const { ca, cert, key } = readTlsMaterial(target);
  const servername = target.tlsServerName ?? (/^[\d.]+$|:/.test(host) ? undefined : host);
  return {
    host,
    port,
    ALPNProtocols: ['h2'],
    ...(ca && { ca }),
    ...(cert && { cert }),
    ...(key && { key }),
    ...(servername && { servername }),
  };
}

/** A connection to a relay, for HTTP/2. It reads nothing ahead: paused, it leaves all to the kernel (see `inBursts`). Throws `relay-tls` when its files cannot be read or used. */
export function openSocket(target: RelayTarget): Socket {
  const socket = target.tls ? openTls(target) : connectTcp({ ...hostAndPort(target.address), ...NOTHING_AHEAD });
  return socket.setNoDelay(true).setKeepAlive(true, KEEPALIVE_MS);
}

function openTls(target: RelayTarget): Socket {
  const options = { ...tlsOptions(target), ...NOTHING_AHEAD };
  try {
    return connectTls(options);
  } catch (error) {
    throw new CausewayError('relay-tls', `The TLS files do not fit together: ${messageOf(error)}`, { cause: error });
  }
}
