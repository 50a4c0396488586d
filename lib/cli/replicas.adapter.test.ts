import { randomUUID } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FlowBatch } from '#lib/api/flows.ts';
import { framesOf, parseCursor } from '#lib/bus/sse.ts';
import { readMigrations } from '#lib/db/migrate.ts';
import { encodeFlow } from '#lib/demo/encode.ts';
import { aFlow, anEndpoint } from '#lib/testing/flows.ts';
import { buildMissing, freePort, type Installed, installed, type Program } from '#lib/testing/installed.ts';
import { postgresPrograms, startPostgres, type TestPostgres, until } from '#lib/testing/postgres.ts';
import { type ScriptedRelay, scriptedRelay } from '#lib/testing/scripted-relay.ts';

const PER_SECOND = 2000;
const TICK_MS = 50;
/** Makes a flow heavy, so that a slow reader falls behind within seconds. */
const LONG = 'x'.repeat(200);

describe.skipIf(buildMissing() || !postgresPrograms())('two web parts, an ingest and a real PostgreSQL', () => {
  const programs: Program[] = [];
  const bases: string[] = [];
  let postgres: TestPostgres;
  let relay: ScriptedRelay;
  let console_: Installed;
  let migrations: { code: number | null; said: string }[];
  let token: string;
  let operator: string;

  beforeAll(async () => {
    [postgres, relay] = await Promise.all([startPostgres(), aBusyRelay()]);
    console_ = installed();
    migrations = await Promise.all(
      [1, 2].map(async () => {
        const program = console_.run(['db', 'migrate', '--database-url', postgres.url]);
        return { code: await program.exited, said: program.output().trim() };
      }),
    );
    const ports = [await freePort(), await freePort(), await freePort()];
    const env = {
      DATABASE_URL: postgres.url,
      INGEST_URL: `http://127.0.0.1:${ports[0]}`,
      INGEST_TOKEN: randomUUID(),
      NEXTAUTH_SECRET: randomUUID(),
      CAUSEWAY_DEMO: '1',
      CAUSEWAY_RATE_LIMIT: '0',
      // One address before both, as a load balancer has it.
      CAUSEWAY_PUBLIC_URL: 'http://127.0.0.1:8080',
    };
    programs.push(console_.run(['ingest', '--listen', `127.0.0.1:${ports[0]}`], { env }));
    for (const port of ports.slice(1)) {
      bases.push(`http://127.0.0.1:${port}`);
      programs.push(console_.run(['web', '--port', String(port)], { env }));
    }
    for (const base of bases) {
      await until(async () => (await fetch(`${base}/api/health/ready`).catch(() => undefined))?.ok === true, base, 60_000);
    }
    [token, operator] = (await Promise.all(['admin', 'operator'].map(tokenOf))) as [string, string];
  });
  afterAll(async () => {
    await Promise.all(programs.toReversed().map((program) => program.stop()));
    console_.remove();
    relay.close();
    await postgres.close();
  });

  async function tokenOf(role: string): Promise<string> {
    const created = console_.run(['token', 'create', '--name', role, '--role', role, '--database-url', postgres.url]);
    await created.exited;
    return /cwy_\S+/.exec(created.output())?.[0] ?? '';
  }
  const ask = (base: string | undefined, path: string, init: RequestInit = {}) =>
    fetch(`${base}${path}`, {
      ...init,
      headers: { authorization: `Bearer ${token}`, ...(init.headers as Record<string, string>) },
    });
  const cluster = (name: string) =>
    JSON.stringify({ id: 'prd', name, environment: 'PRD', relay: { address: relay.address, tls: false } });
  const json = { 'content-type': 'application/json' };

  test('of two that migrate at once one applies everything, the other nothing', () => {
    const applied = readMigrations('prisma/migrations')
      .map(({ name }) => name)
      .join(', ');
    expect(migrations.toSorted((a, b) => (a.said < b.said ? -1 : 1))).toEqual([
      { code: 0, said: `applied ${applied}` },
      { code: 0, said: 'the database is up to date' },
    ]);
  });

  test('a cluster added at one is there at the other, and is followed', async () => {
    const made = await ask(bases[0], '/api/v1/clusters', { method: 'POST', headers: json, body: cluster('Production') });
    expect(made.status).toBe(201);
    await expect
      .poll(async () => (await ask(bases[1], '/api/v1/clusters/prd/status')).json(), { timeout: 30_000 })
      .toMatchObject({ state: 'live' });
  });

  test('of two editors at two replicas one wins, and the other is told', async () => {
    const etag = (await ask(bases[0], '/api/v1/clusters/prd')).headers.get('etag') ?? '';
    const answers = await Promise.all(
      bases.map((base, n) =>
        ask(base, '/api/v1/clusters/prd', {
          method: 'PUT',
          headers: { ...json, 'if-match': etag },
          body: cluster(`Editor ${n}`),
        }),
      ),
    );
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 412]);
  });

  test('the same Idempotency-Key at both creates once', async () => {
    const headers = { ...json, authorization: `Bearer ${operator}`, 'idempotency-key': randomUUID() };
    const body = JSON.stringify({ name: 'once', filter: '' });
    const answers = await Promise.all(
      bases.map((base) => ask(base, '/api/v1/clusters/prd/captures', { method: 'POST', headers, body })),
    );
    for (const { status } of answers) expect([201, 409]).toContain(status);
    const { captures } = (await (await ask(bases[0], '/api/v1/clusters/prd/captures')).json()) as { captures: object[] };
    expect(captures).toHaveLength(1);
  });

  test('whoever signs in at one is known at the other, until signed out anywhere', async () => {
    const cookie = await signIn(bases[0] ?? '');
    const me = (base: string | undefined) => fetch(`${base}/api/v1/me`, { headers: { cookie } }).then(({ status }) => status);
    expect([await me(bases[0]), await me(bases[1])]).toEqual([200, 200]);
    const sessions = (await (await fetch(`${bases[1]}/api/v1/sessions`, { headers: { cookie } })).json()) as {
      sessions: { id: string }[];
    };
    const origin = { cookie, origin: 'http://127.0.0.1:8080', 'sec-fetch-site': 'same-origin' };
    const ended = await fetch(`${bases[1]}/api/v1/sessions/${sessions.sessions[0]?.id}`, { method: 'DELETE', headers: origin });
    expect(ended.status).toBe(204);
    expect([await me(bases[0]), await me(bases[1])]).toEqual([401, 401]);
  });

  test('a browser that reads 1 kB/s holds up nobody, is told what it missed, and leaves nothing behind', async () => {
    const base = bases[0] ?? '';
    const path = '/api/v1/clusters/prd/flows/stream?rows=1000';
    const memory = () => metric(base, 'causeway_web_process_resident_memory_bytes');
    const leave = new AbortController();
    const quick = watch(await ask(base, path, { signal: leave.signal }));
    const slow = await slowReader(base, path, token);
    expect(await metric(base, 'causeway_web_stream_browsers')).toBe(2);
    expect(await metric(base, 'causeway_web_stream_upstreams')).toBe(1);
    await sleep(2000);
    const before = await memory();
    await sleep(10_000);
    expect(slow.readBytes()).toBeLessThan(20_000);
    expect((await memory()) - before).toBeLessThan(100 * 1024 * 1024);
    expect(quick.worstPauseMs()).toBeLessThan(2500);
    expect(quick.skipped()).toBe(0);

    // It reads all at once: everything was either sent to it or counted as missed.
    const batches = await slow.readOn(({ skipped }) => skipped > 0);
    const [first, last] = [batches[0], batches.at(-1)];
    expect(last?.batch.skipped).toBeGreaterThan(PER_SECOND);
    const told = batches.slice(1).reduce((sum, { batch }) => sum + batch.matched + batch.skipped, 0);
    expect(told).toBe((last?.seq ?? 0) - (first?.seq ?? 0));

    leave.abort();
    slow.close();
    for (const name of [
      'causeway_web_stream_browsers',
      'causeway_web_stream_upstreams',
      'causeway_ingest_stream_readers',
      'causeway_ingest_stream_channels',
    ]) {
      await expect.poll(() => metric(base, name), { timeout: 10_000 }).toBe(0);
    }
  }, 90_000);
});

function aBusyRelay(): Promise<ScriptedRelay> {
  const source = anEndpoint({ podName: LONG });
  return scriptedRelay({
    send(call) {
      if (!call.request.follow) return void call.end();
      const timer = setInterval(() => {
        for (let n = 0; n < (PER_SECOND * TICK_MS) / 1000; n += 1) {
          const flow = { time: Date.now() + n / 1000, uuid: randomUUID(), source, summary: LONG, traceId: LONG };
          call.write(encodeFlow(aFlow(flow), undefined));
        }
      }, TICK_MS);
      call.once('cancelled', () => clearInterval(timer));
    },
  });
}

async function metric(base: string, name: string): Promise<number> {
  const text = await (await fetch(`${base}/metrics`)).text();
  return Number(new RegExp(`^${name}(?:\\{[^}]*\\})? (.+)$`, 'm').exec(text)?.[1]);
}

/** Reads a stream as fast as it comes. */
function watch(answer: Response) {
  let [pause, missed, at] = [0, 0, Date.now()];
  void (async () => {
    for await (const { event, bytes } of framesOf(chunksOf(answer))) {
      if (event !== 'flows') continue;
      missed += batchOf(bytes).skipped;
      pause = Math.max(pause, Date.now() - at);
      at = Date.now();
    }
  })().catch(() => undefined);
  return { worstPauseMs: () => Math.max(pause, Date.now() - at), skipped: () => missed };
}

async function* chunksOf(answer: Response): AsyncGenerator<Buffer> {
  for await (const chunk of answer.body ?? []) yield Buffer.from(chunk);
}

const batchOf = (frame: Buffer) => {
  const text = frame.toString('utf8');
  return FlowBatch.parse(JSON.parse(text.slice(text.indexOf('data: ') + 6)));
};

interface Told {
  readonly seq: number;
  readonly batch: FlowBatch;
}

/** A browser on a bad line: takes a kilobyte each second from its socket, until it is told to read on. */
async function slowReader(base: string, path: string, token: string) {
  const { hostname, port } = new URL(base);
  const socket: Socket = connect({ host: hostname, port: Number(port) });
  // HTTP/1.0: the body ends with the connection and is not chunked.
  socket.write(`GET ${path} HTTP/1.0\r\nhost: ${hostname}:${port}\r\nauthorization: Bearer ${token}\r\n\r\n`);
  await new Promise((resolve) => socket.once('readable', resolve));
  const kept: Buffer[] = [];
  const take = (bytes: Buffer | null) => bytes && kept.push(bytes);
  const timer = setInterval(() => take(socket.read(1024) as Buffer | null), 1000);
  const whole = async function* (): AsyncGenerator<Buffer> {
    const begun = Buffer.concat(kept.splice(0));
    yield begun.subarray(begun.indexOf('\r\n\r\n') + 4);
    for await (const chunk of socket) yield chunk as Buffer;
  };
  return {
    readBytes: () => kept.reduce((sum, { length }) => sum + length, 0),
    /** Every batch from the first on, up to the one that `isLast`. */
    async readOn(isLast: (batch: FlowBatch) => boolean): Promise<Told[]> {
      clearInterval(timer);
      const batches: Told[] = [];
      for await (const { event, id, bytes } of framesOf(whole())) {
        if (event !== 'flows') continue;
        const batch = batchOf(bytes);
        batches.push({ seq: parseCursor(id ?? '')?.seq ?? 0, batch });
        if (isLast(batch)) break;
      }
      return batches;
    },
    close: () => void socket.destroy(),
  };
}

/** Signs in as the demo administrator, as the form does. */
async function signIn(base: string): Promise<string> {
  const csrf = await fetch(`${base}/api/auth/csrf`);
  const { csrfToken } = (await csrf.json()) as { csrfToken: string };
  const jar = csrf.headers.getSetCookie().map((line) => line.split(';')[0]);
  const answer = await fetch(`${base}/api/auth/callback/demo`, {
    method: 'POST',
    redirect: 'manual',
    headers: { cookie: jar.join('; '), origin: 'http://127.0.0.1:8080', 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ csrfToken, user: 'ada' }),
  });
  return [...jar, ...answer.headers.getSetCookie().map((line) => line.split(';')[0])].join('; ');
}
