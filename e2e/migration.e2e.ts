import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { expect, test as base } from '@playwright/test';
import { type IdentityProvider, SECOND_FACTOR_ACR, startIdentityProvider } from './support/identity-provider.ts';
import { Person } from './support/people.ts';
import { freePort, type RunningConsole, startConsole } from './support/console.ts';
import { CLUSTERS, Tracker, writeEvidence } from './support/tracker.ts';

const PEOPLE = {
  rita: { name: 'Rita Requester', groups: ['operators'] },
  axel: { name: 'Axel Approver', groups: ['platform-approvers'] },
  bea: { name: 'Bea Approver', groups: ['security-approvers'] },
  ada: { name: 'Ada Admin', groups: ['admins'] },
} as const;
const ROLES = {
  operators: [{ role: 'operator', scope: '*' }],
  'platform-approvers': [{ role: 'approver', scope: '*', team: 'platform' }],
  'security-approvers': [{ role: 'approver', scope: '*', team: 'security' }],
  admins: [
    { role: 'admin', scope: '*' },
    { role: 'breakglass', scope: '*' },
  ],
};
const ENVS = ['DEV', 'TST', 'PRD'] as const;

interface World {
  readonly console: RunningConsole;
  readonly provider: IdentityProvider;
  /** What tools print, by cluster and file. */
  readonly evidence: string;
}

/** The demo's clusters behind a real OpenID provider: nobody is a demo user here. */
const test = base.extend<{ world: World }>({
  world: async ({}, use) => {
    const port = await freePort();
    const provider = await startIdentityProvider(PEOPLE, `http://127.0.0.1:${port}`);
    const console = await startConsole({
      port,
      args: ['--calm'],
      env: {
        OIDC_ISSUER: provider.issuer,
        OIDC_CLIENT_ID: 'causeway',
        OIDC_CLIENT_SECRET: 'a-secret-of-the-journey',
        OIDC_NAME: 'the provider',
        OIDC_ROLE_MAP: JSON.stringify(ROLES),
        OIDC_STEP_UP_ACR: SECOND_FACTOR_ACR,
        OIDC_STEP_UP_AMR: 'mfa',
      },
    });
    const evidence = writeEvidence();
    await use({ console, provider, evidence });
    await console.stop();
    await provider.close();
    rmSync(evidence, { recursive: true, force: true });
  },
  baseURL: async ({ world }, use) => use(world.console.url),
});

test('a migration goes from phase 0 to 3 in DEV, TST and PRD, by four people, and its audit log tells all of it', async ({
  world,
  browser,
}) => {
  test.setTimeout(900_000);
  const signIn = (login: keyof typeof PEOPLE) => Person.signIn(browser, world.console.url, login, PEOPLE[login]);
  const [rita, axel, bea, ada] = [await signIn('rita'), await signIn('axel'), await signIn('bea'), await signIn('ada')];
  const journey = new Tracker(rita, world.evidence);

  await test.step('the admin sets the rules: no soaking here, and both teams in PRD', async () => {
    const begun = await ada.send('GET', journey.at('DEV'));
    if (begun.status() === 404) await ada.ask('POST', journey.at('DEV'), { name: 'Platform', clusters: CLUSTERS });
    const { etag, body } = await journey.migration(ada);
    const rules = Object.fromEntries(
      body.environments.map(({ environment, rules: own }) => [
        environment,
        { ...own, soakMinutes: 0, teams: environment === 'PRD' ? ['platform', 'security'] : [] },
      ]),
    );
    await ada.ask('PATCH', journey.at('DEV'), { rules }, { 'if-match': etag });
    const refused = await rita.send('PATCH', journey.at('DEV'), { name: 'Mine' }, { 'if-match': etag });
    expect(refused.status()).toBe(403);
  });

  await test.step('phase 0 in DEV: a tick is seen by others at once; a rejection; then by the pages alone', async () => {
    await axel.openPhase(CLUSTERS.DEV, 0);
    await rita.openPhase(CLUSTERS.DEV, 0);
    await rita.page.getByRole('button', { name: /1 List the network controls/ }).click();
    await rita.page.getByRole('textbox', { name: /Note on List the network controls/ }).fill('CHG-1001');
    await rita.page.getByRole('button', { name: 'Tick as done' }).click();
    await expect(axel.page.getByText('1 of 6 steps').first()).toBeVisible();
    await journey.provide('DEV', 0);

    await rita.openPhase(CLUSTERS.DEV, 0);
    await pressTwice(rita, 'Request gate');
    await expect(rita.page.getByText(/0 of 1 approved|requested/i).first()).toBeVisible();
    expect(
      (await rita.send('POST', await journey.commandsOf('DEV', 0), await journey.command('DEV', 0, 'approve'))).status(),
    ).toBe(403);

    await axel.openPhase(CLUSTERS.DEV, 0);
    await axel.page.getByRole('button', { name: 'Reject' }).click();
    await axel.page.getByRole('textbox', { name: 'Reason' }).fill('Kafka topic rules are missing for ledger.');
    await axel.page.getByRole('button', { name: 'Reject' }).click();
    await expect(rita.page.getByText('Kafka topic rules are missing for ledger.').first()).toBeVisible();

    await rita.openPhase(CLUSTERS.DEV, 0);
    await pressTwice(rita, 'Request gate');
    await expect(axel.page.getByRole('button', { name: 'Approve', exact: true })).toBeEnabled();
    await pressTwice(axel, 'Approve');
    await expect(rita.page.getByRole('button', { name: 'Pass the gate', exact: true })).toBeEnabled();
    await pressTwice(rita, 'Pass the gate');
    await pressTwice(rita, 'Begin to verify');
    await expect.poll(() => journey.stateOf('DEV', 0)).toBe('completed');
  });

  await test.step('phase 0 in TST and PRD', async () => {
    await journey.cross('TST', 0, [axel]);
    await journey.crossWithStepUp(0, [axel, bea], ada);
  });

  await test.step('phase 1 in DEV: evidence that changes voids an approval', async () => {
    await journey.provide('DEV', 1);
    await journey.request('DEV', 1);
    await journey.decide(axel, 'DEV', 1, 'approve');
    expect(await journey.stateOf('DEV', 1)).toBe('approved');
    await journey.tick('DEV', 1, false);
    await expect.poll(() => journey.stateOf('DEV', 1), { timeout: 15_000 }).toBe('stale');
    expect(
      (await rita.send('POST', await journey.commandsOf('DEV', 1), await journey.command('DEV', 1, 'execute'))).status(),
    ).toBe(409);
    await axel.openPhase(CLUSTERS.DEV, 1);
    await expect(axel.page.getByText('void').first()).toBeVisible();
    await journey.provide('DEV', 1);
    await journey.cross('DEV', 1, [axel]);
  });

  await test.step('phase 1 in TST: a rollback reopens it', async () => {
    await journey.provide('TST', 1);
    await journey.request('TST', 1);
    await journey.decide(bea, 'TST', 1, 'approve');
    await journey.decide(rita, 'TST', 1, 'execute');
    await journey.decide(rita, 'TST', 1, 'roll-back', 'Nodes stay not ready after the agents were restarted.');
    await journey.decide(rita, 'TST', 1, 'finish-roll-back', 'Every node is ready again on the VPC CNI.');
    expect(await journey.stateOf('TST', 1)).not.toBe('completed');
    const { rollback } = await journey.phase('TST', 1);
    expect(rollback.records).toMatchObject([{ outcome: 'rolled-back', observed: 'Every node is ready again on the VPC CNI.' }]);
    await journey.cross('TST', 1, [axel]);
    await journey.crossWithStepUp(1, [bea, axel], ada);
  });

  await test.step('phase 2: broken glass in PRD is told for good, and its review comes first', async () => {
    await journey.cross('DEV', 2, [axel]);
    await journey.cross('TST', 2, [bea]);
    await journey.provide('PRD', 2);
    await ada.openPhase(CLUSTERS.PRD, 2);
    await ada.page.getByRole('button', { name: 'Break glass' }).click();
    await ada.page.getByRole('textbox', { name: 'Incident or ticket' }).fill('INC-2291');
    await ada.page
      .getByRole('textbox', { name: /Why it cannot wait/ })
      .fill('A leaked credential is used through this path right now.');
    await ada.page.getByRole('textbox', { name: /to confirm/ }).fill(CLUSTERS.PRD);
    await ada.page.getByRole('button', { name: /Break glass: phase 2 in PRD/ }).click();
    await ada.stepUp();
    await expect(ada.page.getByText('INC-2291').first()).toBeVisible();
    await journey.decide(rita, 'PRD', 2, 'complete');
    await expect.poll(() => journey.stateOf('PRD', 2)).toBe('completed');

    await journey.provide('DEV', 3);
    const blocked = await rita.send('POST', `${journey.at('DEV')}/phases/3/gate`, {
      evidenceHash: (await journey.phase('DEV', 3)).gate.evidenceHash,
      comment: '',
    });
    expect(blocked.status()).toBe(409);
    const { body } = await journey.migration(ada);
    const review = body.brokenGlass[0]?.review.id ?? '';
    await bea.ask('POST', `${journey.at('PRD')}/reviews/${review}`, {
      finding: 'The credential is revoked; the policies were those of TST.',
    });
  });

  await test.step('phase 3 everywhere', async () => {
    await journey.cross('DEV', 3, [axel]);
    await journey.cross('TST', 3, [bea]);
    await journey.crossWithStepUp(3, [axel, bea], ada);
    const { body } = await journey.migration(rita);
    const done = body.phases.flatMap(({ phase, cells }) =>
      cells.filter(({ state }) => state === 'completed').map(({ environment }) => `${phase} ${environment}`),
    );
    expect(done.toSorted()).toEqual([0, 1, 2, 3].flatMap((phase) => ENVS.map((env) => `${phase} ${env}`)).toSorted());
    expect(body.brokenGlass).toMatchObject([
      { environment: 'PRD', phase: 2, ticket: 'INC-2291', review: { closedBy: { name: 'Bea Approver' } } },
    ]);
  });

  await test.step('the audit log verifies, and one changed byte is found at its row', async () => {
    const verification = await ada.ask<{ ok: boolean; events: number }>('GET', '/audit-log/verification');
    expect(verification).toMatchObject({ ok: true });
    const eventsOf = async (action: string) =>
      (await ada.ask<{ events: { seq: number }[] }>('GET', `/audit-log?action=${action}`)).events;
    const told = [
      'gate.approve',
      'gate.reject',
      'gate.stale',
      'gate.break-glass',
      'gate.rolled-back',
      'elevation.grant',
      'session.step-up',
    ];
    for (const action of told) expect((await eventsOf(action)).length, action).toBeGreaterThan(0);
    const approvals = await eventsOf('gate.approve');
    const seq = approvals[Math.floor(approvals.length / 2)]?.seq ?? 0;
    await changeOneByte(world.console.data, seq);
    const broken = await ada.ask<{ ok: boolean; broken: { seq: number }[] }>('GET', '/audit-log/verification');
    expect(broken.ok).toBe(false);
    expect(broken.broken[0]?.seq).toBe(seq);
  });

  await Promise.all([rita, axel, bea, ada].map(({ page }) => page.context().close()));
});

/** Presses a button, and the button of the form that takes its place. */
async function pressTwice({ page }: Person, name: string): Promise<void> {
  const button = page.getByRole('button', { name, exact: true });
  await button.click();
  await expect(page.getByRole('button', { name: 'Cancel' })).toBeVisible();
  await button.click();
  await expect(page.getByRole('button', { name: 'Cancel' })).toBeHidden();
}

/** As somebody could who owns the database: triggers off, one letter changed. */
async function changeOneByte(data: string, seq: number): Promise<void> {
  const client = new Client({ host: join(data, 'run'), user: 'causeway', database: 'causeway' });
  await client.connect();
  try {
    await client.query('ALTER TABLE audit_event DISABLE TRIGGER ALL');
    await client.query(`UPDATE audit_event SET body = replace(body, '"outcome":"ok"', '"outcome":"oK"') WHERE seq = $1`, [seq]);
    await client.query('ALTER TABLE audit_event ENABLE TRIGGER ALL');
  } finally {
    await client.end();
  }
}
