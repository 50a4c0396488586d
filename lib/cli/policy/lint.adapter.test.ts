import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { causewayIn, type Ended } from '#lib/testing/command-line.ts';
import type { SarifLog } from '#lib/policy/sarif.ts';

const scratch = mkdtempSync(join(tmpdir(), 'cw-lint-'));
const write = (file: string, text: string): void => writeFileSync(join(scratch, file), text);

/** Runs `causeway policy ...` in the scratch folder. */
const policy = (...args: string[]): Promise<Ended> => causewayIn(scratch, ['policy', ...args]);

const cnp = (name: string, spec: string): string =>
  `apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: ${name}, namespace: shop}\nspec:\n${spec.replaceAll(/^(?=.)/gm, '  ')}\n`;

beforeAll(() => {
  mkdirSync(join(scratch, 'policies/below'), { recursive: true });
  mkdirSync(join(scratch, 'policies/.git'));
  write('policies/a.yaml', cnp('a', 'endpointSelector: {matchLabels: {app: web}}\ningress:\n  - fromEndpoints: [{}]\n'));
  write(
    'policies/below/b.yml',
    `${cnp('b', 'endpointSelector: {}\negressDeny:\n  - toEntities: [world]\n')}---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n`,
  );
  write('policies/README.md', 'no: policy\n');
  write('policies/.git/broken.yaml', '\t- no');
  write(
    'refused.json',
    JSON.stringify(
      {
        apiVersion: 'cilium.io/v2',
        kind: 'CiliumNetworkPolicy',
        metadata: { name: 'r', namespace: 'shop' },
        spec: { endpointSelector: {}, ingress: [{ fromEntities: ['internet'] }] },
      },
      null,
      2,
    ),
  );
  write(
    'broken.yaml',
    `${cnp('good', 'endpointSelector: {}\ningress: [{}]\n')}---\napiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: one, name: two}\n`,
  );
  write(
    'world.json',
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'List',
      items: [
        { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } },
        {
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: { name: 'db-0', namespace: 'shop', labels: { app: 'db' } },
          spec: { nodeName: 'n1' },
          status: { podIP: '10.1.0.1', podIPs: [{ ip: '10.1.0.1' }], phase: 'Running' },
        },
      ],
    }),
  );
  symlinkSync(scratch, join(scratch, 'policies/below/round'));
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe('policy lint', () => {
  test('a folder: findings with file and line, 0 as long as there is no error', async () => {
    const { code, out, err } = await policy('lint', 'policies');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('policies/below/b.yml:6:3: warning: cnp:shop/b spec.egressDeny: this also closes egress by default');
    expect(out.trimEnd().split('\n').at(-1)).toBe('2 warnings in 2 policies');
  });

  test('--fail-on decides what 1 means', async () => {
    expect((await policy('lint', 'policies', '--fail-on', 'warning')).code).toBe(1);
    expect((await policy('lint', 'refused.json')).code).toBe(1);
  });

  test('SARIF and JSON are what programs read', async () => {
    const sarif = JSON.parse((await policy('lint', 'refused.json', '--format', 'sarif')).out) as SarifLog;
    expect(sarif.runs[0].results).toMatchObject([
      {
        ruleId: 'refused',
        level: 'error',
        locations: [
          { physicalLocation: { artifactLocation: { uri: 'refused.json' }, region: { startLine: 13, startColumn: 11 } } },
        ],
      },
    ]);
    const json = JSON.parse((await policy('lint', 'refused.json', '--format', 'json')).out) as {
      policies: number;
      findings: unknown[];
    };
    expect(json).toMatchObject({
      policies: 1,
      unread: [],
      findings: [{ ruleId: 'refused', file: 'refused.json', place: { line: 13, column: 11 } }],
    });
  });

  test('Markdown goes into a pull request', async () => {
    const { out } = await policy('lint', 'policies', '--format', 'markdown');
    expect(out).toMatch(/^## Policy lint\n\n2 warnings in 2 policies\.\n\n### Warnings\n/);
  });

  test('with a world, selectors are compared with the pods that are there', async () => {
    const { code, out } = await policy('lint', 'policies', '--world', 'world.json', '--fail-on', 'warning');
    expect(code).toBe(1);
    expect(out).toContain(
      'policies/a.yaml:5:3: warning: cnp:shop/a spec.endpointSelector: nobody in the cluster meets this selector',
    );
  });

  test('what cannot be read is told with its place, ends with 2, and hides nothing', async () => {
    const { code, out, err } = await policy('lint', 'broken.yaml', 'policies');
    expect(code).toBe(2);
    expect(err).toBe('broken.yaml:11:23: the key "name" stands twice in this mapping\n');
    expect(out).toContain('in 3 policies');
    expect(await policy('lint', 'nowhere')).toMatchObject({
      code: 2,
      err: expect.stringContaining('cannot read nowhere') as string,
    });
    expect(await policy('lint')).toMatchObject({ code: 2, err: 'causeway: name the files or folders that hold policies\n' });
    expect((await policy('lint', 'policies', '--format', 'xml')).code).toBe(2);
  });

  test('--rules prints the documentation', async () => {
    const { code, out } = await policy('lint', '--rules');
    expect({ code, out }).toEqual({ code: 0, out: readFileSync('docs/lint.md', 'utf8') });
  });
});

describe('policy check', () => {
  test('what is refused, by whom, with its class', async () => {
    expect(await policy('check', 'refused.json', 'policies')).toEqual({
      code: 1,
      err: '',
      out: 'refused.json:13:11: cnp:shop/r spec.ingress[0].fromEntities[0]: "internet" is none of all, world, cluster, host, init, ingress, unmanaged, remote-node, health, none and kube-apiserver (schema, engine: unknown-entity)\n3 policies, 1 of them refused\n',
    });
    expect((await policy('check', 'policies')).code).toBe(0);
    expect((await policy('check', 'broken.yaml')).code).toBe(2);
  });

  test('as JSON', async () => {
    const { out } = await policy('check', 'refused.json', '--json');
    expect(JSON.parse(out)).toMatchObject({ policies: [{ policy: 'cnp:shop/r', enforced: false }], unread: [] });
  });
});
