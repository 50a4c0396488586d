import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Page, expect } from '@playwright/test';
import { PRD, signIn, test } from './support/test.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const API = PRD.replace('/c/', '/api/v1/clusters/');

/** `payments/ledger` without a way in for the checkout, and grafana let in to the database. */
const CANDIDATE = `apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: { name: ledger-from-checkout, namespace: payments }
spec:
  endpointSelector: { matchLabels: { app: ledger } }
  ingress:
    - fromEndpoints: [{ matchLabels: { app: nobody } }]
---
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: { name: db-open, namespace: payments }
spec:
  endpointSelector: { matchLabels: { app: payments-db } }
  ingress: [{ fromEntities: [all] }]
---
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: { name: bff-to-db, namespace: gateway }
spec:
  endpointSelector: { matchLabels: { app: web-bff } }
  egress: [{ toEndpoints: [{ matchLabels: { app: payments-db, k8s:io.kubernetes.pod.namespace: payments } }] }]
`;

interface Row {
  readonly kind: string;
  readonly source: string;
  readonly destination: string;
  readonly protocol: string;
  readonly port: number;
  readonly l7: string;
  readonly flows: number;
  readonly before: { readonly verdict: string; readonly text: string };
  readonly after: { readonly verdict: string; readonly text: string };
}
type Share = { readonly tuples: number; readonly flows: number };
interface Report {
  readonly newlyDenied: Share;
  readonly newlyAllowed: Share;
  readonly unknown: Share;
  readonly unchanged: Share;
  readonly rows: readonly Row[];
}

/** What an answer says, without how and where it was made. */
const answerOf = ({ newlyDenied, newlyAllowed, unknown, unchanged, rows }: Report) => ({
  newlyDenied,
  newlyAllowed,
  unknown,
  unchanged,
  rows: rows
    .map(({ kind, source, destination, protocol, port, l7, flows, before, after }) => ({
      key: `${kind} ${source} ${destination} ${protocol}/${port} ${l7} ${flows}`,
      before: [before.verdict, before.text],
      after: [after.verdict, after.text],
    }))
    .map((row) => JSON.stringify(row))
    .toSorted(),
});

test('a candidate judged in the browser, by the server and by the command line gives one answer', async ({ page }) => {
  test.setTimeout(120_000);
  await signIn(page, 'Olga Operator', `${PRD}/overview`);
  const capture = await captureOfTheRing(page);
  try {
    const server = await ask<Report>(page, 'POST', '/policies/what-if', { yaml: CANDIDATE, capture, limit: 5000 });
    expect(server.newlyDenied.tuples).toBeGreaterThan(0);
    expect(server.newlyAllowed.tuples).toBeGreaterThan(0);

    expect(answerOf(await byCommandLine(page, capture))).toEqual(answerOf(server));

    await typeCandidate(page, capture);
    // The answer to the text before stays until the next is there.
    await expect
      .poll(() => figuresOf(page))
      .toEqual([server.newlyDenied.tuples, server.newlyAllowed.tuples, server.unknown.tuples, server.unchanged.tuples]);
    const effect = page.getByRole('region', { name: 'Effect' });
    for (const { kind, source, destination, after } of server.rows.filter((row) => row.kind !== 'unknown').slice(0, 10)) {
      const list = effect.getByRole('list', { name: kind === 'newly-denied' ? 'Newly denied' : 'Newly allowed' });
      await expect(list.getByRole('button', { name: new RegExp(`${source}.*to.*${destination}`) }).first()).toBeVisible();
      expect(after.text).not.toBe('');
    }
  } finally {
    await ask(page, 'DELETE', `/captures/${capture}`);
  }
});

/** Keeps what the ring holds now. */
async function captureOfTheRing(page: Page): Promise<string> {
  const { id } = await ask<{ id: string }>(page, 'POST', '/captures', { name: 'same answer', filter: '', seconds: 0 });
  await expect.poll(async () => (await ask<{ state: string }>(page, 'GET', `/captures/${id}`)).state).toBe('complete');
  return id;
}

/** The same flows and the same objects as files. */
async function byCommandLine(page: Page, capture: string): Promise<Report> {
  const folder = mkdtempSync(join(tmpdir(), 'cw-same-'));
  try {
    const { policies } = await ask<{ policies: { kind: string; metadata: { name: string; namespace: string } }[] }>(
      page,
      'GET',
      `/policies/judge-input?capture=${capture}`,
    );
    const flows = join(folder, 'flows.jsonl.gz');
    writeFileSync(flows, await (await page.request.get(`${API}/captures/${capture}/download`)).body());
    for (const [name, texts] of [
      ['against', policies.map((policy) => JSON.stringify(policy))],
      [
        'policies',
        [
          ...policies.filter(({ metadata }) => metadata.name !== 'ledger-from-checkout').map((policy) => JSON.stringify(policy)),
          CANDIDATE,
        ],
      ],
    ] as const) {
      mkdirSync(join(folder, name));
      for (const [index, text] of texts.entries()) writeFileSync(join(folder, name, `${index}.yaml`), text);
    }
    const out = execFileSync(
      process.execPath,
      ['bin/causeway.mjs', 'policy', 'diff', '--format', 'json', '--flows', flows, '--objects', 'lib/demo/world'].concat([
        '--policies',
        join(folder, 'policies'),
        '--against',
        join(folder, 'against'),
      ]),
      { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
    );
    return (JSON.parse(out) as { traffic: Report }).traffic;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Opens what-if on the capture and types the candidate. */
async function typeCandidate(page: Page, capture: string): Promise<void> {
  await page.goto(`${PRD}/policies/what-if?capture=${capture}`);
  await expect(page.getByRole('region', { name: 'Effect' }).getByText(/distinct tuples.*judged in/)).toBeVisible();
  await page.getByRole('textbox', { name: 'Candidate policies, YAML' }).fill(CANDIDATE);
}

/** The four figures: newly denied, newly allowed, unknown, unchanged. */
async function figuresOf(page: Page): Promise<number[]> {
  const effect = page.getByRole('region', { name: 'Effect' });
  const figures = effect.getByRole('definition').filter({ hasText: /^[\d,]+\s*tuples?$/ });
  return (await figures.allTextContents()).slice(0, 4).map((text) => Number(text.replaceAll(/\D/g, '')));
}

async function ask<T>(page: Page, method: string, path: string, body?: unknown): Promise<T> {
  const answer = await page.request.fetch(`${API}${path}`, {
    method,
    headers: { origin: new URL(page.url()).origin },
    ...(body === undefined ? {} : { data: body }),
  });
  expect(answer.ok(), `${method} ${path}: ${answer.status()} ${answer.ok() ? '' : await answer.text()}`).toBe(true);
  return (answer.status() === 204 ? undefined : await answer.json()) as T;
}
