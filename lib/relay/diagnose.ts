import 'server-only';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { RelayTarget } from '#lib/api/clusters.ts';
import { CausewayError, type ErrorCode, messageOf } from '#lib/errors/errors.ts';
import { hostAndPort, tlsOptions } from './connect.ts';

const TIMEOUT_MS = 3000;
/** How long a server that wants a client certificate takes to say so, after a TLS 1.3 handshake that looked fine. */
const ALERT_MS = 400;
/** HTTP/2 connection preface and an empty SETTINGS frame: an HTTP/2 server answers with SETTINGS at once (RFC 9113, 3.4). */
const HTTP2_HELLO = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0', 'latin1');

/**
 * Why no gRPC connection to `target` comes about. gRPC itself only says "unavailable"; this knocks with plain sockets and says what it heard.
 * Undefined when the port does speak HTTP/2 as it should: then gRPC's own words are the best there are.
 */
export async function diagnoseRelay(target: RelayTarget): Promise<CausewayError | undefined> {
  try {
    if (target.tls) await knockTls(target);
    else await knockPlain(target);
    return undefined;
  } catch (error) {
    return error instanceof CausewayError ? error : failure('relay-unreachable', `${target.address}: ${messageOf(error)}`, error);
  }
}

async function knockPlain(target: RelayTarget): Promise<void> {
  const { address } = target;
  const socket = connectTcp(hostAndPort(address));
  try {
    await connected(socket, 'connect', address);
    socket.write(HTTP2_HELLO);
    const heard = await firstBytes(socket);
    if (isSettings(heard)) return;
    if (heard.subarray(0, 5).toString('latin1') === 'HTTP/') {
      throw failure('relay-incompatible', `${address} is a plain HTTP server, not a Hubble Relay.`);
    }
    if (await speaksTls(target)) {
      throw failure('relay-tls', `${address} expects TLS: turn TLS on and give the CA that signed its certificate.`);
    }
    throw failure(
      'relay-incompatible',
      `${address} ${heard.length > 0 ? 'speaks something other than gRPC' : 'accepts connections but does not answer'}: is it the relay's port?`,
    );
  } finally {
    socket.destroy();
  }
}

/** Whether a TLS handshake gets an answer, whatever the certificate. */
async function speaksTls(target: RelayTarget): Promise<boolean> {
  const socket = connectTls({ ...hostAndPort(target.address), ALPNProtocols: ['h2'], rejectUnauthorized: false });
  try {
    await connected(socket, 'secureConnect', target.address);
    return true;
  } catch (error) {
    // An alert is an answer in TLS; anything else is some other protocol.
    return error instanceof CausewayError && error.cause instanceof Error && codeOf(error.cause).includes('ALERT');
  } finally {
    socket.destroy();
  }
}

async function knockTls(target: RelayTarget): Promise<void> {
  const { address } = target;
  const socket = connectTls(tlsOptions(target));
  try {
    await connected(socket, 'secureConnect', address);
    const alert = await endWithin(socket, ALERT_MS);
    if (alert === 'closed') {
      throw failure(
        'relay-tls',
        `${address} hangs up after the handshake: ${target.tlsCertFile ? 'it refuses our' : 'it may ask for a'} client certificate.`,
      );
    }
    if (alert) throw explain(alert, address);
    if (socket.alpnProtocol !== 'h2') {
      throw failure('relay-incompatible', `${address} speaks TLS but not HTTP/2: it is not a Hubble Relay.`);
    }
  } finally {
    socket.destroy();
  }
}

function connected(socket: Socket, event: 'connect' | 'secureConnect', address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(failure('relay-unreachable', `${address} does not answer within ${TIMEOUT_MS / 1000} s.`)),
      TIMEOUT_MS,
    );
    socket.once(event, () => {
      clearTimeout(timer);
      resolve();
    });
    socket.once('error', (error) => {
      clearTimeout(timer);
      reject(explain(error, address));
    });
    socket.once('close', () => {
      clearTimeout(timer);
      reject(failure('relay-unreachable', `${address} closes connections at once.`));
    });
  });
}

/** What the server says first; empty when it closes, fails or stays silent. */
function firstBytes(socket: Socket): Promise<Buffer> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(Buffer.alloc(0)), ALERT_MS * 2);
    const settle = (bytes: Buffer) => {
      clearTimeout(timer);
      resolve(bytes);
    };
    socket.once('data', settle);
    socket.once('error', () => settle(Buffer.alloc(0)));
    socket.once('close', () => settle(Buffer.alloc(0)));
  });
}

/** How the server ends the connection within `ms`; undefined when it does not. */
function endWithin(socket: TLSSocket, ms: number): Promise<Error | 'closed' | undefined> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(undefined), ms);
    const settle = (end: Error | 'closed') => {
      clearTimeout(timer);
      resolve(end);
    };
    socket.once('error', settle);
    socket.once('close', () => settle('closed'));
    socket.resume();
  });
}

const isSettings = (bytes: Buffer): boolean => bytes.length >= 9 && bytes[3] === 4;

/** Codes of Node and OpenSSL, and what they mean to someone who sets up a relay. `%` is the relay's address. */
const EXPLANATIONS: ReadonlyMap<string, readonly [ErrorCode, string]> = new Map(
  Object.entries<readonly [ErrorCode, string]>({
    ECONNREFUSED: ['relay-unreachable', 'Nothing listens on % (connection refused).'],
    ECONNRESET: ['relay-unreachable', '% closes connections at once (connection reset).'],
    EHOSTUNREACH: ['relay-unreachable', 'There is no route to %.'],
    ENETUNREACH: ['relay-unreachable', 'There is no route to %.'],
    ETIMEDOUT: ['relay-unreachable', '% does not answer.'],
    ENOTFOUND: ['relay-unreachable', 'The host name of % does not exist.'],
    EAI_AGAIN: ['relay-unreachable', 'The host name of % cannot be looked up now.'],
    CERT_HAS_EXPIRED: ['relay-tls', 'The certificate of % has expired.'],
    CERT_NOT_YET_VALID: ['relay-tls', 'The certificate of % is not valid yet: check both clocks.'],
    ERR_TLS_CERT_ALTNAME_INVALID: ['relay-tls', 'The certificate of % is for another name: give that name as TLS server name.'],
    DEPTH_ZERO_SELF_SIGNED_CERT: ['relay-tls', 'The certificate of % is self-signed: give it as CA.'],
    SELF_SIGNED_CERT_IN_CHAIN: ['relay-tls', 'The certificate of % is signed by an unknown CA: give that CA.'],
    UNABLE_TO_VERIFY_LEAF_SIGNATURE: ['relay-tls', 'The certificate of % is signed by an unknown CA: give that CA.'],
    UNABLE_TO_GET_ISSUER_CERT: ['relay-tls', 'The certificate of % is signed by an unknown CA: give that CA.'],
    UNABLE_TO_GET_ISSUER_CERT_LOCALLY: ['relay-tls', 'The certificate of % is signed by an unknown CA: give that CA.'],
    CERT_SIGNATURE_FAILURE: ['relay-tls', 'The certificate of % is not signed by the CA that was given.'],
    ERR_SSL_WRONG_VERSION_NUMBER: ['relay-tls', '% answers without TLS: turn TLS off, or check the port.'],
    ERR_SSL_PACKET_LENGTH_TOO_LONG: ['relay-tls', '% answers without TLS: turn TLS off, or check the port.'],
    ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: ['relay-tls', '% asks for a client certificate: give a certificate and its key.'],
    ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE: ['relay-tls', '% refuses the handshake: it may ask for a client certificate.'],
    ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: ['relay-tls', '% does not trust the CA of our client certificate.'],
    ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: ['relay-tls', '% refuses our client certificate.'],
    ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED: ['relay-tls', '% says that our client certificate has expired.'],
    ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL: ['relay-incompatible', '% does not speak HTTP/2: it is not a Hubble Relay.'],
  }),
);

const codeOf = (error: Error): string => ('code' in error && typeof error.code === 'string' ? error.code : '');

function explain(error: Error, address: string): CausewayError {
  const [code, text] = EXPLANATIONS.get(codeOf(error)) ?? [
    /^ERR_(SSL|TLS)/.test(codeOf(error)) ? 'relay-tls' : 'relay-unreachable',
    `%: ${error.message.split('\n')[0]}`,
  ];
  return failure(code, text.replace('%', address), error);
}

const failure = (code: ErrorCode, message: string, cause?: unknown): CausewayError =>
  new CausewayError(code, message, cause === undefined ? {} : { cause });
