import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encode } from 'next-auth/jwt';
import type { Grant } from '#lib/api/people.ts';
import { closeDatabase } from '#lib/db/client.ts';
import { openEmbedded } from '#lib/db/embedded.ts';
import { migrate, readMigrations } from '#lib/db/migrate.ts';

export const PUBLIC_URL = 'http://127.0.0.1:3999';
export const SESSION_COOKIE = 'causeway-3999-session';

/** A request that reached the stand-in for ingest. */
export interface IngestRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

export interface Platform {
  /** Path (without query) to the answer of ingest, `*` for all others; a function gets the request. What is not there is answered 404. */
  readonly answers: Map<string, IngestReply | ((request: IngestRequest) => IngestReply)>;
  readonly asked: IngestRequest[];
  close(): Promise<void>;
}

interface IngestReply {
  readonly status?: number;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
  /** Keeps the answer open, as a stream does. */
  readonly open?: true;
}

/**
 * The web process without Next: an embedded database with all migrations, a stand-in for ingest over real HTTP, and the environment that
 * `lib/config` reads. `environment` adds to it or, with undefined, takes away. Call it before anything reads the configuration.
 */
export async function startPlatform(environment: Readonly<Record<string, string | undefined>> = {}): Promise<Platform> {
  const dir = mkdtempSync(join(tmpdir(), 'cw-'));
  const database = await openEmbedded(dir);
  await migrate(database.url, readMigrations('prisma/migrations'));
  const answers: Platform['answers'] = new Map();
  const asked: IngestRequest[] = [];
  const ingest = await standInForIngest(answers, asked);
  const values = {
    DATABASE_URL: database.url,
    DATABASE_POOL: '4',
    INGEST_URL: `http://127.0.0.1:${(ingest.address() as AddressInfo).port}`,
    INGEST_TOKEN: 'a-token-only-for-tests',
    CAUSEWAY_DEMO: '1',
    CAUSEWAY_HOST: '127.0.0.1',
    CAUSEWAY_PORT: '3999',
    NEXTAUTH_SECRET: randomBytes(32).toString('hex'),
    LOG_LEVEL: 'silent',
    CAUSEWAY_RATE_LIMIT: '0',
    ...environment,
  };
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
  const close = async () => {
    ingest.closeAllConnections();
    ingest.close();
    await closeDatabase();
    await database.close();
    rmSync(dir, { recursive: true, force: true });
  };
  let closing: Promise<void> | undefined;
  return {
    answers,
    asked,
    close: () => (closing ??= close()),
  };
}

/** The cookie header of someone who holds `grants`, by a session row like that of a sign-in. */
export async function cookieFor(name: string, grants: readonly Grant[]): Promise<string> {
  const { recordSignIn } = await import('#lib/db/platform/members.ts');
  const { insertSession } = await import('#lib/db/platform/sessions.ts');
  const { randomSecret, sha256 } = await import('#lib/auth/secrets.ts');
  const subject = `demo|${name}`;
  const sid = randomSecret();
  const now = Date.now();
  await recordSignIn({
    subject,
    name,
    email: `${name}@demo.invalid`,
    grants: grants.map((grant) => ({ grant, source: 'demo' })),
  });
  await insertSession({ subject, tokenHash: sha256(sid), userAgent: 'test', now, expiresAt: now + 3_600_000 });
  return `${SESSION_COOKIE}=${await encode({ token: { sid }, secret: process.env['NEXTAUTH_SECRET'] ?? '' })}`;
}

/** A request as a page of the console sends it. */
export function pageRequest(path: string, init: RequestInit & { readonly cookie?: string | undefined } = {}): Request {
  const { cookie, headers, ...rest } = init;
  return new Request(new URL(path, PUBLIC_URL), {
    ...rest,
    headers: {
      origin: PUBLIC_URL,
      'sec-fetch-site': 'same-origin',
      'sec-fetch-mode': 'cors',
      ...(cookie && { cookie }),
      ...(headers as Record<string, string>),
    },
  });
}

/** Parameters of a route handler, as Next passes them. */
export const withParams = (params: Readonly<Record<string, string>> = {}) => ({ params: Promise.resolve({ ...params }) });

async function standInForIngest(answers: Platform['answers'], asked: IngestRequest[]): Promise<Server> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const seen = {
        method: request.method ?? '',
        url: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(chunks),
      };
      asked.push(seen);
      const answer = answers.get(new URL(seen.url, 'http://ingest').pathname) ?? answers.get('*');
      const reply = typeof answer === 'function' ? answer(seen) : answer;
      const problem = { type: '/problems/not-found', title: 'not found', status: 404, detail: 'nothing here' };
      const {
        status = 200,
        type = 'application/json',
        headers = {},
        body,
        open,
      } = reply ?? { status: 404, type: 'application/problem+json', body: JSON.stringify(problem) };
      response.writeHead(status, { 'content-type': type, ...headers });
      if (open) response.write(body);
      else response.end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}
