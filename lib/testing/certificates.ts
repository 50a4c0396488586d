import { createSign, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A certificate and its key, PEM, also as files. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
  readonly certFile: string;
  readonly keyFile: string;
}

export interface Authority extends Certificate {
  /** A certificate for DNS names; valid from `fromMs` to `toMs`, relative to now (an hour ago to tomorrow by default). */
  issue(names: readonly string[], validity?: { readonly fromMs?: number; readonly toMs?: number }): Certificate;
}

const DAY = 86_400_000;

/** A certificate authority for one test run. X.509 is written by hand (RFC 5280), so that no openssl needs to be there. */
export function certificateAuthority(name = 'Test CA'): Authority {
  const folder = mkdtempSync(join(tmpdir(), 'certs-'));
  const authority = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  let serial = 0;
  const make = (
    subject: string,
    keys: { publicKey: KeyObject; privateKey: KeyObject },
    extensions: Buffer[],
    from: number,
    to: number,
  ) => {
    const body = sequence(
      tagged(0xa0, integer(Buffer.from([2]))),
      integer(Buffer.concat([Buffer.from([1]), randomBytes(7)])),
      ECDSA_SHA256,
      distinguishedName(name),
      sequence(utcTime(from), utcTime(to)),
      distinguishedName(subject),
      keys.publicKey.export({ type: 'spki', format: 'der' }),
      tagged(0xa3, sequence(...extensions)),
    );
    const signature = createSign('sha256').update(body).sign(authority.privateKey);
    return save(folder, ++serial, sequence(body, ECDSA_SHA256, bitString(signature)), keys.privateKey);
  };
  const now = Date.now();
  return {
    ...make(name, authority, [extension('2.5.29.19', sequence(Buffer.from([1, 1, 0xff])), true)], now - DAY, now + 30 * DAY),
    issue(names, { fromMs = -3_600_000, toMs = DAY } = {}) {
      const alternative = sequence(...names.map((dns) => tagged(0x82, Buffer.from(dns))));
      const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      return make(names[0] ?? 'nobody', keys, [extension('2.5.29.17', alternative)], Date.now() + fromMs, Date.now() + toMs);
    },
  };
}

function save(folder: string, serial: number, der: Buffer, privateKey: KeyObject): Certificate {
  const lines = der.toString('base64').replace(/.{64}/g, '$&\n').trimEnd();
  const cert = `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const certFile = join(folder, `${serial}.crt`);
  const keyFile = join(folder, `${serial}.key`);
  writeFileSync(certFile, cert);
  writeFileSync(keyFile, key, { mode: 0o600 });
  return { cert, key, certFile, keyFile };
}

// DER: tag, length, content.
function tagged(tag: number, ...content: Buffer[]): Buffer {
  const body = Buffer.concat(content);
  const { length } = body;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...size]), body]);
}

const sequence = (...content: Buffer[]): Buffer => tagged(0x30, ...content);
const integer = (bytes: Buffer): Buffer => tagged(0x02, bytes);
const bitString = (bytes: Buffer): Buffer => tagged(0x03, Buffer.from([0]), bytes);
const utcTime = (time: number): Buffer =>
  tagged(0x17, Buffer.from(`${new Date(time).toISOString().replace(/[-:T]/g, '').slice(2, 14)}Z`));
const distinguishedName = (name: string): Buffer =>
  sequence(tagged(0x31, sequence(objectId('2.5.4.3'), tagged(0x0c, Buffer.from(name)))));
const extension = (id: string, value: Buffer, critical = false): Buffer =>
  sequence(objectId(id), ...(critical ? [Buffer.from([1, 1, 0xff])] : []), tagged(0x04, value));

function objectId(id: string): Buffer {
  const [first = 0, second = 0, ...rest] = id.split('.').map(Number);
  const base128 = (value: number): number[] =>
    value < 128 ? [value] : [...base128(value >> 7).map((byte) => byte | 128), value & 127];
  return tagged(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

const ECDSA_SHA256 = sequence(objectId('1.2.840.10045.4.3.2'));
