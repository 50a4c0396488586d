import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { NatsConfig } from '#lib/config/nats.ts';
import { certificateAuthority } from '#lib/testing/certificates.ts';
import { natsConfig } from '#lib/testing/nats-console.ts';
import { natsMissing, startTlsNats } from '#lib/testing/nats.ts';
import { until } from '#lib/testing/postgres.ts';
import { checkNats } from './check.ts';
import { NatsLink } from './link.ts';

const authority = certificateAuthority();
const client = authority.issue(['causeway']);
const tls = { ca: authority.certFile, cert: client.certFile, key: client.keyFile };
const credentials = 'a-token-only-for-tests';

describe.skipIf(natsMissing())('a server that asks for certificate and token', () => {
  let server: Awaited<ReturnType<typeof startTlsNats>>;
  beforeAll(async () => {
    const { certFile: cert, keyFile: key } = authority.issue(['localhost']);
    server = await startTlsNats({ ca: authority.certFile, cert, key, token: credentials });
  });
  afterAll(() => server.stop());

  const config = (more: Partial<NatsConfig> = {}): NatsConfig => ({
    ...natsConfig({ servers: [server.server], credentials }),
    tls,
    ...more,
  });

  test('lets in who has both', async () => {
    const link = new NatsLink(config(), pino({ level: 'silent' }));
    link.start();
    const connection = await link.ready(AbortSignal.timeout(5000));
    expect([connection.info?.tls_required, link.state, link.detail]).toEqual([true, 'connected', '']);
    expect(await checkNats(config())).toMatchObject({ version: expect.stringMatching(/^2\./), streams: [] });
    await link.close();
  });

  test.each([
    ['a token that is not its', { credentials: 'wrong-token' }, /authorization/i],
    ['another authority', { tls: { ...tls, ca: certificateAuthority('Other CA').certFile } }, /certificate/i],
    ['a file that is not there', { tls: { ...tls, ca: '/nowhere/ca.pem' } }, /nowhere/],
  ])('with %s the state is failed and says why, and no secret', async (_, more, why) => {
    const link = new NatsLink(config(more), pino({ level: 'silent' }));
    link.start();
    await until(() => link.state === 'failed', 'the failure');
    expect(link.detail).toMatch(why);
    expect(link.detail).not.toContain('token-only');
    await expect(checkNats(config(more))).rejects.toMatchObject({ code: 'not-configured', message: expect.stringMatching(why) });
    const closed = link.ready(new AbortController().signal);
    closed.catch(() => {});
    await link.close();
    await expect(closed).rejects.toThrow(/abort/i);
  });
});
