import { createHmac, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the next ID token says, and how it is made. A claim that is `undefined` is left out. */
export interface FakeSignIn {
  readonly claims?: Readonly<Record<string, unknown>>;
  /** `none`: unsigned. `HS256`: signed with the client's secret. `other-key`: by a key that is not the provider's. */
  readonly signedWith?: 'RS256' | 'none' | 'HS256' | 'other-key';
  readonly nonce?: string;
  /** The token endpoint answers 503. */
  readonly down?: boolean;
}

export interface FakeProvider {
  readonly issuer: string;
  /** The query of the last authorization request. */
  readonly asked: URLSearchParams;
  /** How it answers from now on. */
  next: FakeSignIn;
  close(): Promise<void>;
}

const CLIENT = 'causeway';
const SECRET = 'hush';

/** An OpenID provider of a page that lets itself be told to lie. Everybody is `olga` unless told otherwise, and nobody is asked for anything. */
export async function startFakeProvider(): Promise<FakeProvider> {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const codes = new Map<string, string>();
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = {
    issuer,
    asked: new URLSearchParams(),
    next: {} as FakeSignIn,
    close: () => {
      server.closeAllConnections();
      return new Promise<void>((resolve) => void server.close(() => resolve()));
    },
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', issuer);
    const json = (value: unknown, status = 200) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    if (url.pathname === '/.well-known/openid-configuration') return void json(discovery(issuer));
    if (url.pathname === '/jwks') {
      return void json({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k1', use: 'sig', alg: 'RS256' }] });
    }
    if (url.pathname === '/authorize') {
      provider.asked = url.searchParams;
      const code = randomUUID();
      codes.set(code, url.searchParams.get('nonce') ?? '');
      const back = new URL(url.searchParams.get('redirect_uri') ?? '');
      back.search = new URLSearchParams({ code, state: url.searchParams.get('state') ?? '' }).toString();
      return void response.writeHead(302, { location: back.href }).end();
    }
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const code = new URLSearchParams(body).get('code') ?? '';
    const nonce = codes.get(code);
    codes.delete(code);
    if (provider.next.down) return void json({ error: 'temporarily_unavailable' }, 503);
    if (nonce === undefined) return void json({ error: 'invalid_grant' }, 400);
    json({ access_token: randomUUID(), token_type: 'Bearer', expires_in: 60, id_token: token(nonce) });
  }

  function token(nonce: string): string {
    const { claims, signedWith = 'RS256', nonce: given = nonce } = provider.next;
    const now = Math.floor(Date.now() / 1000);
    const usual = { iss: issuer, sub: 'olga', name: 'Olga', groups: ['group-ops'], aud: CLIENT, auth_time: now };
    const alg = signedWith === 'other-key' ? 'RS256' : signedWith;
    const text = [
      { alg, ...(alg === 'RS256' && { kid: 'k1' }), typ: 'JWT' },
      { iat: now, exp: now + 60, nonce: given, ...usual, ...claims },
    ]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.');
    if (alg === 'none') return `${text}.`;
    if (alg === 'HS256') return `${text}.${createHmac('sha256', SECRET).update(text).digest('base64url')}`;
    const key = signedWith === 'other-key' ? other : privateKey;
    return `${text}.${sign('sha256', Buffer.from(text), key).toString('base64url')}`;
  }

  return provider;
}

const discovery = (issuer: string) => ({
  issuer,
  authorization_endpoint: `${issuer}/authorize`,
  token_endpoint: `${issuer}/token`,
  jwks_uri: `${issuer}/jwks`,
  response_types_supported: ['code'],
  subject_types_supported: ['public'],
  id_token_signing_alg_values_supported: ['RS256', 'HS256', 'none'],
});
