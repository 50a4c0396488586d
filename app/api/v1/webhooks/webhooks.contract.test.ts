import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Problem } from '#lib/api/common.ts';
import { Webhook, WebhookCreated, WebhookDeliveryList, WebhookList } from '#lib/api/webhooks.ts';
import { withDatabase } from '#lib/db/client.ts';
import { enqueueEvent } from '#lib/db/webhooks/enqueue.ts';
import { cookieFor, pageRequest, type Platform, startPlatform, withParams } from '#lib/testing/platform.ts';
import { unseal } from '#lib/webhooks/seal.ts';
import { POST as RESEND } from './[webhook]/deliveries/[delivery]/route.ts';
import { GET as DELIVERIES } from './[webhook]/deliveries/route.ts';
import { DELETE, PUT } from './[webhook]/route.ts';
import { GET, POST } from './route.ts';

let platform: Platform;
let admin: string;
beforeAll(async () => {
  platform = await startPlatform({ CAUSEWAY_WEBHOOK_ORIGINS: 'https://hooks.example.com' });
  admin = await cookieFor('ada', [{ role: 'admin', scope: '*' }]);
});
afterAll(() => platform.close());

const INPUT = {
  name: 'chat',
  url: 'https://hooks.example.com/services/s3cr3t-path',
  events: ['gate.approved', 'check.failed'],
  clusters: ['prd'],
};
const json = (method: string, body: unknown, headers: Record<string, string> = {}) => ({
  method,
  cookie: admin,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
});
const create = (body: unknown = INPUT) => POST(pageRequest('/api/v1/webhooks', json('POST', body)), withParams());
const list = async () =>
  WebhookList.parse(await (await GET(pageRequest('/api/v1/webhooks', { cookie: admin }), withParams())).json());
const put = (id: string, body: unknown, tag: string) =>
  PUT(pageRequest(`/api/v1/webhooks/${id}`, json('PUT', body, { 'if-match': tag })), withParams({ webhook: id }));
const remove = (id: string) =>
  DELETE(pageRequest(`/api/v1/webhooks/${id}`, { method: 'DELETE', cookie: admin }), withParams({ webhook: id }));
const deliveriesOf = (id: string) =>
  DELIVERIES(pageRequest(`/api/v1/webhooks/${id}/deliveries`, { cookie: admin }), withParams({ webhook: id }));
const resend = (webhook: string, delivery: string) =>
  RESEND(
    pageRequest(`/api/v1/webhooks/${webhook}/deliveries/${delivery}`, { method: 'POST', cookie: admin }),
    withParams({ webhook, delivery }),
  );
const problemOf = async (response: Response) => Problem.parse(await response.json());
const audited = () =>
  withDatabase((db) => db.$queryRaw<{ body: string }[]>`SELECT body FROM audit_event ORDER BY seq`).then((rows) =>
    rows.map(({ body }) => body),
  );

describe('a webhook', () => {
  test('shows its secret once, and is stored and listed without it', async () => {
    const answer = await create();
    expect(answer.status).toBe(201);
    const created = WebhookCreated.parse(await answer.json());
    expect(created).toMatchObject({ name: 'chat', active: true, createdBy: 'ada', version: 1 });
    expect(created.secret).toMatch(/^whsec_/);
    const { webhooks, allowed } = await list();
    expect(allowed).toEqual(['https://hooks.example.com']);
    expect(webhooks).toHaveLength(1);
    expect(JSON.stringify(webhooks)).not.toContain(created.secret);
    const [row] = await withDatabase((db) => db.webhook.findMany());
    expect(unseal(row?.secret ?? new Uint8Array(), created.id, process.env['NEXTAUTH_SECRET'] ?? '')).toBe(created.secret);
    const log = (await audited()).join('\n');
    expect(log).toContain('webhook.create');
    expect(log).not.toContain(created.secret);
    expect(log).not.toContain('s3cr3t-path');
  });

  test('is changed by whoever read it last, and what changed is listed', async () => {
    const created = WebhookCreated.parse(await (await create()).json());
    const first = await put(created.id, { ...INPUT, active: false }, '"v1"');
    expect(first.headers.get('etag')).toBe('"v2"');
    expect(Webhook.parse(await first.json())).toMatchObject({ active: false, version: 2 });
    const second = await put(created.id, { ...INPUT, name: 'late' }, '"v1"');
    expect([second.status, (await problemOf(second)).type]).toEqual([412, '/problems/precondition-failed']);
    expect((await put('nobody', INPUT, '"v1"')).status).toBe(404);
    expect((await remove(created.id)).status).toBe(204);
    expect((await remove(created.id)).status).toBe(404);
    expect((await audited()).filter((body) => body.includes(created.id)).map((body) => /webhook\.\w+/.exec(body)?.[0])).toEqual([
      'webhook.create',
      'webhook.change',
      'webhook.delete',
    ]);
  });

  test.each([
    ['https://evil.example.com/x', 'is not among the allowed origins: https://hooks.example.com'],
    ['http://hooks.example.com/x', 'is not among the allowed origins'],
    ['https://hooks.example.com:8443/x', 'is not among the allowed origins'],
    ['https://hooks.example.com@evil.example.com/', 'with a name or password'],
    ['https://evil.example.com\\@hooks.example.com/', 'is not among the allowed origins'],
    ['http://169.254.169.254/latest/meta-data', 'is not among the allowed origins'],
  ])('may not go to %s', async (url, why) => {
    const before = (await list()).webhooks.length;
    const answer = await create({ ...INPUT, url });
    expect(answer.status).toBe(422);
    expect(await problemOf(answer)).toMatchObject({ detail: expect.stringContaining(why) as unknown, place: { field: 'url' } });
    expect((await list()).webhooks).toHaveLength(before);
  });

  test.each([{ events: [] }, { events: ['gate.unheard'] }, { url: 'javascript:alert(1)' }, { name: 'a\nb' }, { secret: 'mine' }])(
    'is refused with %o',
    async (wrong) => expect((await create({ ...INPUT, ...wrong })).status).toBe(422),
  );
});

describe('its deliveries', () => {
  test('are listed, and one that was given up can be sent again', async () => {
    const { id } = WebhookCreated.parse(await (await create()).json());
    const event = { event: 'check.failed', cluster: 'prd', environment: 'PRD', phase: 1, data: {} } as const;
    await withDatabase((db) => enqueueEvent(db, { ...event, text: 'MTU differs on node <b>7</b>' }));
    const { deliveries } = WebhookDeliveryList.parse(await (await deliveriesOf(id)).json());
    expect(deliveries).toMatchObject([{ state: 'waiting', attempts: 0, text: 'MTU differs on node <b>7</b>', problem: '' }]);
    const delivery = deliveries[0]?.id ?? '';
    expect(await problemOf(await resend(id, delivery))).toMatchObject({ status: 409 });
    await withDatabase((db) => db.webhookDelivery.update({ where: { id: delivery }, data: { state: 'dead', attempts: 8 } }));
    expect((await list()).webhooks.find((webhook) => webhook.id === id)?.counts).toEqual({ waiting: 0, delivered: 0, dead: 1 });
    expect((await resend(id, delivery)).status).toBe(202);
    const again = WebhookDeliveryList.parse(await (await deliveriesOf(id)).json()).deliveries;
    expect(again).toMatchObject([{ id: delivery, state: 'waiting', attempts: 0 }]);
    expect((await audited()).at(-1)).toContain('webhook.resend');
    expect((await resend('nobody', delivery)).status).toBe(404);
    expect((await deliveriesOf('nobody')).status).toBe(404);
  });
});
