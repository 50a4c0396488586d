import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { RECORDED_WORLD } from '#lib/testing/recorded-world.ts';
import { RECORDING, recordingMissing } from '#lib/testing/recording.ts';
import { diffPolicies, type DiffCommandOptions } from './diff.ts';
import { explainQuestion, type ExplainCommandOptions } from './explain.ts';
import { suggestFromFiles, type SuggestCommandOptions } from './suggest.ts';

const scratch = mkdtempSync(join(tmpdir(), 'cwq-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const file = (name: string, text: string): string => {
  writeFileSync(join(scratch, name), text);
  return join(scratch, name);
};

/** What a command said and complained about, with its status. */
async function run(work: (say: (line: string) => void, complain: (line: string) => void) => Promise<number>) {
  const said: string[] = [];
  const complaints: string[] = [];
  const status = await work(
    (line) => said.push(line),
    (line) => complaints.push(line),
  );
  return { status, said: said.join('\n'), complaints: complaints.join('\n') };
}
const explained = (options: Partial<ExplainCommandOptions>) =>
  run((say) => explainQuestion({ from: 'shop/app=web', to: 'shop/app=cart', port: 8080, protocol: 'TCP', ...options }, say));
const diffed = (options: Partial<DiffCommandOptions>) =>
  run((say) => diffPolicies({ policies: OPEN, against: CLOSED, format: 'text', ...options }, say));
const suggested = (options: Partial<SuggestCommandOptions>) =>
  run((say, complain) =>
    suggestFromFiles({ flows: RECORDING, objects: RECORDED_WORLD, namespace: 'payments', ...options }, say, complain),
  );

const cart = (ingress: string) => `apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: { name: cart, namespace: shop }
spec:
  # the cart
  endpointSelector: { matchLabels: { app: cart } }
  ingress:
${ingress}`;
const CLOSED = file('closed.yaml', cart('  - fromEndpoints: [{ matchLabels: { app: admin } }]\n'));
const OPEN = file(
  'open.yaml',
  cart('  - fromEndpoints: [{ matchLabels: { app: web } }]\n    toPorts: [{ ports: [{ port: "8080", protocol: TCP }] }]\n'),
);
const OBJECTS = file(
  'objects.json',
  JSON.stringify({
    kind: 'List',
    items: [
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop', labels: { 'kubernetes.io/metadata.name': 'shop' } } },
      ...['web', 'cart', 'admin'].map((app) => ({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: `${app}-0`, namespace: 'shop', labels: { app } },
        spec: { nodeName: 'n', containers: [] },
        status: { podIP: '10.0.0.1', phase: 'Running' },
      })),
    ],
  }),
);

describe('causeway policy explain', () => {
  test('a denial, by labels alone, ends with 1 and tells the smallest change', async () => {
    const { status, said } = await explained({ policies: CLOSED });
    expect(status).toBe(1);
    expect(said).toContain('Denied at ingress of shop/app=cart: no rule allows it.');
    expect(said).toContain('peer: wants app=admin, got app=web');
    expect(said).toContain('    # the cart\n');
    expect(said).toContain('\n+   - fromEndpoints:\n');
  });

  test('an allowed question ends with 0; as JSON it is the whole explanation', async () => {
    const { status, said } = await explained({ policies: OPEN, objects: OBJECTS, from: 'shop/web', to: 'shop/cart', json: true });
    expect(status).toBe(0);
    expect(JSON.parse(said)).toMatchObject({ verdict: 'allowed', nearest: [], ingress: { matchAllow: ['cnp:shop/cart'] } });
  });

  test('nobody of that name, and nothing to judge by, are mistakes', async () => {
    await expect(explained({ policies: OPEN, from: 'shop/web' })).rejects.toMatchObject({
      code: 'bad-input',
      message: expect.stringContaining('give --objects'),
    });
    await expect(explained({})).rejects.toMatchObject({ code: 'bad-input' });
    await expect(explained({ policies: join(scratch, 'none') })).rejects.toMatchObject({ code: 'bad-input' });
  });
});

describe('causeway policy diff', () => {
  test('without traffic it is who may reach whom: what opens, what closes', async () => {
    const { status, said } = await diffed({ objects: OBJECTS, failOn: 'newly-denied' });
    expect(said).toContain('Policies: 0 added, 1 changed, 0 removed');
    expect(said).toContain('shop/web-0 -> shop/cart-0: +TCP/8080');
    expect(said).toContain('shop/admin-0 -> shop/cart-0: -every port');
    expect(status).toBe(1);
  });

  test('the same set changes nothing, whatever the form', async () => {
    for (const format of ['text', 'json', 'markdown'] as const) {
      const { status, said } = await diffed({ policies: CLOSED, objects: OBJECTS, format, failOn: 'newly-denied,newly-allowed' });
      expect(status).toBe(0);
      expect(said).not.toContain('shop/admin');
    }
  });

  test('nothing to compare by and an unknown kind are mistakes; a policy that Cilium refuses is said', async () => {
    await expect(diffed({})).rejects.toMatchObject({ code: 'bad-input' });
    await expect(diffed({ objects: OBJECTS, failOn: 'newly-odd' })).rejects.toMatchObject({ code: 'bad-input' });
    const broken = file('broken.yaml', cart('  - fromEntities: [internet]\n'));
    expect((await diffed({ policies: broken, objects: OBJECTS })).said).toContain('cnp:shop/cart would be refused by Cilium');
    const unreadable = file('unreadable.yaml', 'kind: [');
    await expect(diffed({ policies: unreadable, objects: OBJECTS })).rejects.toMatchObject({
      message: expect.stringMatching(/unreadable\.yaml:1:/),
    });
  });

  describe.skipIf(recordingMissing())('over the recording', () => {
    const policies = join(RECORDED_WORLD, 'policies.yaml');

    test('as Markdown nothing of hostile requests is markup, and cells stay cells', async () => {
      const { said } = await diffed({
        policies: CLOSED,
        against: policies,
        flows: RECORDING,
        objects: RECORDED_WORLD,
        format: 'markdown',
      });
      expect(said).toContain('| Newly allowed | ');
      const hostile = said.split('\n').filter((line) => /<(script|img|svg)|javascript:|\]\(/i.test(line));
      expect(hostile).toEqual([]);
      const rows = said
        .split('\n')
        .filter((line) => line.startsWith('| <code>') && line.split('|').length !== 9 && line.split('|').length !== 6);
      expect(rows).toEqual([]);
    });

    test('policies taken away that denied: newly allowed', async () => {
      const { status, said } = await diffed({
        policies: CLOSED,
        against: policies,
        flows: RECORDING,
        objects: RECORDED_WORLD,
        failOn: 'newly-allowed',
        format: 'json',
      });
      expect(status).toBe(1);
      expect(JSON.parse(said)).toMatchObject({ traffic: { newlyDenied: { tuples: 0 } }, added: ['cnp:shop/cart'] });
    });
  });
});

describe.skipIf(recordingMissing())('causeway policy suggest', () => {
  test('what it suggests, added to what is in force, denies nothing anew', async () => {
    const out = join(scratch, 'out');
    const { status, said, complaints } = await suggested({ workload: 'ledger', out });
    expect(status).toBe(0);
    expect(said).toBe(join(out, 'ledger-seen-traffic.yaml'));
    expect(complaints).toContain('0 newly denied');
    expect(readdirSync(out)).toEqual(['ledger-seen-traffic.yaml']);
    expect(parse(readFileSync(said, 'utf8'))).toMatchObject({ kind: 'CiliumNetworkPolicy', metadata: { namespace: 'payments' } });
  });

  test('printed it is YAML alone; a namespace without traffic ends with 1', async () => {
    const { said } = await suggested({ workload: 'payments-db', direction: 'ingress' });
    expect(parse(said).spec.ingress).toHaveLength(2);
    expect(await suggested({ namespace: 'nowhere' })).toMatchObject({ status: 1, said: '' });
  });

  test('without the objects of the cluster it works from the flows alone', async () => {
    const { status, said } = await run((say, complain) =>
      suggestFromFiles({ flows: RECORDING, namespace: 'payments', workload: 'ledger', json: true }, say, complain),
    );
    expect(status).toBe(0);
    expect(JSON.parse(said).policies[0].rules.length).toBeGreaterThan(3);
    expect(said).not.toContain('policy.cluster');
  });
});
