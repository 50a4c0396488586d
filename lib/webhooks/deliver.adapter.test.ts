import { get, type IncomingMessage } from 'node:http';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startWebhookReceiver, type WebhookReceiver } from '#lib/testing/webhook-receiver.ts';
import { deliver, pinned, type DeliverOptions } from './deliver.ts';
import { newWebhookSecret } from './seal.ts';

let receiver: WebhookReceiver;
const secret = newWebhookSecret();
const body = JSON.stringify({ type: 'gate.approved', text: 'Zoë ✓', data: {} });

beforeAll(async () => {
  receiver = await startWebhookReceiver();
});
beforeEach(() => {
  receiver.received.length = 0;
  receiver.answer = (response) => void response.writeHead(204).end();
});
afterAll(() => receiver.close());

const send = (url: string, options: Partial<DeliverOptions> = {}) =>
  deliver({ id: 'msg_1', url, body, secret }, { origins: [receiver.origin], ...options });
const to = (path: string, options?: Partial<DeliverOptions>) => send(`${receiver.origin}${path}`, options);

test('the signature is one that the library of the Standard Webhooks verifies', async () => {
  expect(await to('/hook?team=a')).toEqual({ ok: true, status: 204 });
  const [got] = receiver.received;
  expect(got?.path).toBe('/hook?team=a');
  expect(new Webhook(secret).verify(got?.body ?? '', got?.headers as Record<string, string>)).toEqual(JSON.parse(body));
  expect(() => new Webhook(newWebhookSecret()).verify(got?.body ?? '', got?.headers as Record<string, string>)).toThrow(
    'No matching signature found',
  );
  expect(() => new Webhook(secret).verify(`${got?.body} `, got?.headers as Record<string, string>)).toThrow(
    'No matching signature found',
  );
  expect(got?.headers).not.toHaveProperty('authorization');
});

test.each([500, 404, 429, 503, 101 + 300])('an answer %i is a failure that is told by its number alone', async (status) => {
  receiver.answer = (response) => void response.writeHead(status, { 'retry-after': '7' }).end('<b>secret of the receiver</b>');
  expect(await to('/')).toEqual({ ok: false, status, problem: `answered ${status}`, retryAfterMs: 7000 });
});

test('410 says that nothing more is wanted', async () => {
  receiver.answer = (response) => void response.writeHead(410).end();
  expect(await to('/')).toMatchObject({ ok: false, gone: true });
});

test('a redirect is a failure and is not followed', async () => {
  receiver.answer = (response) => void response.writeHead(307, { location: `${receiver.origin}/inside` }).end();
  expect(await to('/')).toMatchObject({ ok: false, status: 307, problem: 'answered 307: redirects are not followed' });
  expect(receiver.received).toHaveLength(1);
});

test('who does not answer in time has failed', async () => {
  receiver.answer = () => {};
  expect(await to('/', { timeoutMs: 100 })).toEqual({ ok: false, problem: 'no answer within 0.1 s' });
});

test('an answer that never ends, or is far too long, is cut off; its status counts', async () => {
  receiver.answer = (response) => void response.writeHead(200).write('x');
  expect(await to('/', { timeoutMs: 200 })).toEqual({ ok: true, status: 200 });
  let sent = 0;
  receiver.answer = (response) => {
    response.writeHead(200);
    const more = (): void => {
      while (sent < 50_000_000 && !response.destroyed) {
        sent += 65_536;
        if (!response.write('x'.repeat(65_536))) return void response.once('drain', more);
      }
    };
    more();
  };
  expect(await to('/')).toEqual({ ok: true, status: 200 });
  expect(sent).toBeLessThan(20_000_000);
});

test('a name is resolved once and that address is asked: one that changes its mind reaches nobody else', async () => {
  const origin = `http://hooks.example.test:${receiver.port}`;
  let asked = 0;
  const resolve = async () => {
    asked += 1;
    return asked === 1 ? [{ address: '192.0.2.55', family: 4 }] : [{ address: '127.0.0.1', family: 4 }];
  };
  // 192.0.2.0/24 is for documentation: refused, and the second answer, which would reach the receiver, is never asked for.
  expect(await send(`${origin}/`, { origins: [origin], resolve, timeoutMs: 500 })).toMatchObject({ ok: false });
  expect(asked).toBe(1);
  expect(receiver.received).toHaveLength(0);
});

test.each(['127.0.0.1', '::1', '169.254.169.254', 'fd00:ec2::254', '0.0.0.0', '::ffff:127.0.0.1'])(
  'an allowed name that points to %s is not asked, not even beside a good address',
  async (address) => {
    const origin = `http://hooks.example.test:${receiver.port}`;
    const resolve = async () => [
      { address: '93.184.216.34', family: 4 },
      { address, family: address.includes(':') ? 6 : 4 },
    ];
    expect(await send(`${origin}/`, { origins: [origin], resolve })).toMatchObject({
      ok: false,
      problem: expect.stringContaining(`hooks.example.test points to ${address}, which is`) as unknown,
    });
    expect(receiver.received).toHaveLength(0);
  },
);

test('the connection goes to the addresses that were looked at, whatever the name says by then', async () => {
  const lookup = pinned([{ address: '127.0.0.1', family: 4 }]);
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get({ host: 'hooks.example.test', port: receiver.port, path: '/pinned', lookup, agent: false }, resolve).once(
      'error',
      reject,
    );
  });
  response.resume();
  expect(response.statusCode).toBe(204);
  expect(receiver.received[0]?.headers.host).toBe(`hooks.example.test:${receiver.port}`);
});

test('odd notations of an address are the address', async () => {
  expect(await send(`http://0x7f.1:${receiver.port}/odd`)).toEqual({ ok: true, status: 204 });
  for (const odd of ['0x7f.1', '2130706433', '0177.0.0.1', '[::ffff:7f00:1]', 'localhost']) {
    const answer = await send(`http://${odd}:${receiver.port}/`, { origins: [`http://127.0.0.2:${receiver.port}`] });
    expect(answer).toMatchObject({ ok: false, final: true });
  }
});

test.each([
  ['http://127.0.0.1:1/', 'not among the allowed origins'],
  ['https://127.0.0.1/', 'not among the allowed origins'],
  ['http://user@127.0.0.1/', 'name or password'],
  ['//evil.example/', 'no URL'],
  ['file:///etc/passwd', 'not among the allowed origins'],
])('%s is not asked: %s', async (url, problem) => {
  expect(await send(url)).toMatchObject({ ok: false, final: true, problem: expect.stringContaining(problem) as unknown });
});

test('without allowed origins nothing is sent, and the reason says what to do', async () => {
  expect(await to('/', { origins: [] })).toMatchObject({
    problem: expect.stringContaining('CAUSEWAY_WEBHOOK_ORIGINS') as unknown,
  });
  expect(receiver.received).toHaveLength(0);
});

test('a target that refuses the connection is told by the code of the system', async () => {
  const closed = await startWebhookReceiver();
  await closed.close();
  expect(await send(`${closed.origin}/`, { origins: [closed.origin] })).toEqual({
    ok: false,
    problem: 'the target cannot be reached: ECONNREFUSED',
  });
});
