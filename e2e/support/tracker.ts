import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect } from '@playwright/test';
import type { Problem } from '#lib/api/common.ts';
import type { FlowPage } from '#lib/api/flows.ts';
import type { GateRequest, Migration, PhaseDetail } from '#lib/api/migration.ts';
import { flowLogsOf } from './flow-logs.ts';
import type { Person } from './people.ts';

export const CLUSTERS = { DEV: 'aegis-dev', TST: 'aegis-test', PRD: 'aegis-production' } as const;
type Env = keyof typeof CLUSTERS;

/** A new folder with what tools print of the demo clusters: a folder for each. */
export function writeEvidence(): string {
  const folder = mkdtempSync(join(tmpdir(), 'cw-evidence-'));
  execFileSync(process.execPath, ['bin/causeway.mjs', 'demo-evidence', folder]);
  return folder;
}

/** The demo’s migration as people move it: what is done again and again on the way. */
export class Tracker {
  readonly #requester: Person;
  readonly #evidence: string;
  readonly #uploaded = new Set<Env>();

  /** `evidence` is a folder of `writeEvidence`. */
  constructor(requester: Person, evidence: string) {
    this.#requester = requester;
    this.#evidence = evidence;
  }

  at = (env: Env): string => `/clusters/${CLUSTERS[env]}/migration`;

  async migration(person: Person): Promise<{ etag: string; body: Migration }> {
    const response = await person.send('GET', this.at('DEV'));
    return { etag: response.headers()['etag'] ?? '', body: (await response.json()) as Migration };
  }

  phase = (env: Env, phase: number): Promise<PhaseDetail> => this.#requester.ask('GET', `${this.at(env)}/phases/${phase}`);
  stateOf = async (env: Env, phase: number): Promise<string> => (await this.phase(env, phase)).cell.state;

  /** Brings a phase to where its gate can be requested: uploads, statements, acknowledgements and ticks, as an operator. */
  async provide(env: Env, phase: number): Promise<void> {
    const path = `${this.at(env)}/phases/${phase}`;
    await this.#upload(env);
    const { checks, steps } = await this.phase(env, phase);
    for (const step of steps)
      if (!step.done)
        await this.#requester.ask('PUT', `${path}/steps/${step.id}`, { done: true, note: 'done', version: step.version });
    for (const check of checks) {
      if (check.statement !== undefined && !check.attested)
        await this.#requester.ask('PUT', `${path}/checks/${check.id}`, {
          edit: 'attest',
          statement: `See CHG-${phase}00 in the wiki.`,
        });
      else if (check.demand === 'acknowledge' && !check.met)
        await this.#requester.ask('PUT', `${path}/checks/${check.id}`, {
          edit: 'acknowledge',
          reason: 'Known, and taken on for this migration.',
        });
    }
    // A minute of traffic has to have passed since the phase began.
    await expect(async () => {
      const after = await this.#requester.ask<PhaseDetail>('POST', `${path}/evaluation`, {});
      const unmet = after.checks
        .filter(({ met }) => !met)
        .map(({ id, status, reason, objects }) => ({ id, status, reason, objects: objects.slice(0, 5) }));
      expect(unmet, `${env} phase ${phase}`).toEqual([]);
    }).toPass({ timeout: 180_000, intervals: [1000, 5000, 10_000] });
  }

  async #upload(env: Env): Promise<void> {
    if (this.#uploaded.has(env)) return;
    this.#uploaded.add(env);
    const cluster = CLUSTERS[env];
    const folder = join(this.#evidence, cluster);
    const upload = async (path: string, content: Buffer | string) => {
      const response = await this.#requester.page.request.post(`/api/v1${path}`, {
        headers: { origin: new URL(this.#requester.page.url()).origin, 'content-type': 'application/octet-stream' },
        data: Buffer.from(content),
      });
      expect(response.ok(), `${path}: ${await response.text()}`).toBe(true);
    };
    for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' }))
      if (/\.[a-z]+$/.test(file))
        await upload(`${this.at(env)}/uploads?name=${encodeURIComponent(basename(file))}`, readFileSync(join(folder, file)));
    const { flows } = await this.#requester.ask<FlowPage>('GET', `/clusters/${cluster}/flows?limit=200`);
    const pods = flows.flatMap(({ source, ip }) => (source.namespace !== '' && ip?.version === 4 ? [ip.source] : []));
    await upload(`/clusters/${cluster}/flow-logs?name=last-day.log`, flowLogsOf([...new Set(pods)].slice(0, 6), Date.now()));
  }

  async tick(env: Env, phase: number, done: boolean): Promise<void> {
    const step = (await this.phase(env, phase)).steps[0];
    await this.#requester.ask('PUT', `${this.at(env)}/phases/${phase}/steps/${step?.id}`, {
      done,
      note: '',
      version: step?.version,
    });
  }

  async request(env: Env, phase: number): Promise<GateRequest> {
    const { gate } = await this.phase(env, phase);
    return this.#requester.ask('POST', `${this.at(env)}/phases/${phase}/gate`, {
      evidenceHash: gate.evidenceHash,
      comment: 'Ready.',
    });
  }

  async commandsOf(env: Env, phase: number): Promise<string> {
    return `${this.at(env)}/gate-requests/${(await this.#open(env, phase)).id}/commands`;
  }

  async command(env: Env, phase: number, command: string, comment = ''): Promise<object> {
    const { version, evidenceHash } = await this.#open(env, phase);
    return { command, expectedVersion: version, evidenceHash, comment };
  }

  async #open(env: Env, phase: number): Promise<GateRequest> {
    const { request } = (await this.phase(env, phase)).gate;
    if (!request) throw new Error(`${env} phase ${phase} has no request`);
    return request;
  }

  /** A command by the API; where it asks for a fresh sign-in, by the page of the step-up. */
  async decide(person: Person, env: Env, phase: number, command: string, comment = ''): Promise<void> {
    await this.#withStepUp(person, await this.commandsOf(env, phase), await this.command(env, phase, command, comment));
  }

  async #withStepUp(person: Person, path: string, body: unknown): Promise<void> {
    const response = await person.send('POST', path, body);
    if (response.ok()) return;
    const problem = (await response.json()) as Problem;
    expect(problem, `${person.name}: ${path}`).toMatchObject({ type: '/problems/step-up-required' });
    await person.page.goto(`/step-up/${problem.place?.['stepUp']}`);
    await person.stepUp();
  }

  async cross(env: Env, phase: number, approvers: readonly Person[]): Promise<void> {
    await this.provide(env, phase);
    await this.request(env, phase);
    for (const approver of approvers) await this.decide(approver, env, phase, 'approve');
    await this.#pass(env, phase);
  }

  /** In PRD: the requester is elevated by somebody else, and every approval is a fresh sign-in with a second factor. */
  async crossWithStepUp(phase: number, approvers: readonly Person[], granter: Person): Promise<void> {
    await this.provide('PRD', phase);
    const path = `${this.at('PRD')}/phases/${phase}`;
    const { gate } = await this.phase('PRD', phase);
    const early = await this.#requester.send('POST', `${path}/gate`, { evidenceHash: gate.evidenceHash, comment: '' });
    expect(early.ok()).toBe(false);
    const { id } = await this.#requester.ask<{ id: string }>('POST', `${path}/elevations`, {
      reason: 'Phase change CHG-7',
      minutes: 30,
    });
    await this.#withStepUp(granter, `${this.at('PRD')}/elevations/${id}`, { command: 'grant', comment: '' });
    await this.request('PRD', phase);
    for (const approver of approvers) await this.decide(approver, 'PRD', phase, 'approve');
    await this.#pass('PRD', phase);
    await this.#requester.ask('POST', `${this.at('PRD')}/elevations/${id}`, { command: 'end', comment: '' });
  }

  async #pass(env: Env, phase: number): Promise<void> {
    expect(await this.stateOf(env, phase)).toBe('approved');
    await this.decide(this.#requester, env, phase, 'execute');
    await this.decide(this.#requester, env, phase, 'complete');
    expect(await this.stateOf(env, phase)).toBe('completed');
  }
}
