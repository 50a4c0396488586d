// Threads: cilium/cilium #47132, PRs #47162, #48647, #28986, #28476, #36434, #40533; devantler-tech/platform #1772 (SPIRE runs and no policy uses it).
import { counted } from '#lib/policy/lint/words.ts';
import type { InputName, PreflightCheck, PreflightFinding } from '../check.ts';
import type { PreflightInputs, SpireEntry } from '../inputs.ts';
import { ciliumDocs, threads } from '../links.ts';
import { fail, note, outcomeOf } from '../outcome.ts';
import { policyName, policyView } from '../policy-view.ts';
import { factsOfVersion } from '../version-facts.ts';
import { minorText, parseVersion } from '../versions.ts';

export const mutualAuth: PreflightCheck = {
  number: 8,
  id: 'mutual-auth',
  title: 'Mutual authentication, on a version that has it',
  severity: 'error',
  subsystem: 'encryption and identity',
  gates: [3],
  acknowledge: [],
  why: 'Mutual authentication by SPIRE is deprecated from Cilium 1.20 on and goes away: a policy that requires it then lets nothing through. Without SPIRE the same holds today, and SPIRE without such a policy protects nothing.',
  fix: 'Stay on a version that has it, or take the requirement out of the policies and encrypt by WireGuard or ztunnel instead.',
  links: [
    ...threads('47132', 'PR 47162', 'PR 48647', '28986', '28476', '36434', '40533', 'devantler-tech/platform#1772'),
    ciliumDocs('Mutual authentication', 'network/servicemesh/mutual-authentication/mutual-authentication/'),
  ],
  needs: ['policies', 'values', 'cilium-config', 'version', 'target-version', 'agent-conf', 'entries'],
  decide(inputs) {
    const { settings } = inputs;
    const spire = settings.flag('authentication.mutual.spire.enabled');
    const view = policyView(inputs);
    const missing: InputName[] = [
      ...(spire === undefined ? (['values', 'cilium-config'] as const) : []),
      ...(view ? [] : (['policies'] as const)),
    ];
    const users = view
      ? [...new Set(view.lint.subjects.entries.filter(({ auth }) => auth === 'required').map(({ policy }) => policy))]
      : [];
    if (spire === false && view && users.length === 0)
      return outcomeOf([note(settings.nameOf('authentication.mutual.spire.enabled'), 'it is off, and no policy asks for it')]);
    return outcomeOf(
      [
        ...(spire !== undefined && view ? agreement(inputs, spire, users) : []),
        ...(spire === true || users.length > 0 ? byVersion(inputs, users, missing) : []),
        ...(spire === true ? identities(inputs, missing) : []),
      ],
      missing,
    );
  },
};

function agreement({ settings }: PreflightInputs, spire: boolean, users: readonly string[]): PreflightFinding[] {
  const name = settings.nameOf('authentication.mutual.spire.enabled');
  if (!spire)
    return users.map((policy) =>
      fail(
        policyName(policy),
        `it requires authentication, and ${name} is off: nothing that it is about gets through`,
        'Enable SPIRE, or take authentication.mode out.',
      ),
    );
  return users.length === 0
    ? [
        fail(
          name,
          'SPIRE is on, and no policy requires authentication: nobody is authenticated',
          'Set authentication.mode: required on critical paths, or switch SPIRE off.',
        ),
      ]
    : [note(name, `${counted(users.length, 'policy requires', 'policies require')} authentication`)];
}

function byVersion({ version, target }: PreflightInputs, users: readonly string[], missing: InputName[]): PreflightFinding[] {
  const known = [
    { what: 'the version that runs', text: version },
    { what: 'the version it goes to', text: target },
  ].flatMap(({ what, text }) => {
    const parsed = parseVersion(text ?? '');
    return parsed ? [{ what, parsed }] : [];
  });
  if (known.length === 0) missing.push('version');
  return known.flatMap(({ what, parsed }) => {
    const title = `Cilium ${minorText(parsed)}`;
    const support = factsOfVersion(parsed)?.mutualAuth;
    if (support === undefined) return [fail(title, `it is not known whether ${what} still has mutual authentication`)];
    if (support === 'available') return [];
    if (support === 'deprecated') return [note(title, `mutual authentication is deprecated in ${what}: plan its replacement`)];
    return users.length > 0
      ? users.map((policy) =>
          fail(policyName(policy), `it requires authentication, which ${what} (${minorText(parsed)}) does not have`),
        )
      : [fail(title, `${what} has no mutual authentication, and SPIRE is on`, 'Switch SPIRE off before the upgrade.')];
  });
}

/** An existing SPIRE has to know Cilium's agents, and agents have to reach its socket. */
function identities(inputs: PreflightInputs, missing: InputName[]): PreflightFinding[] {
  const { settings, agentConf, entries } = inputs;
  // Where the chart installs SPIRE it also registers the agents.
  const installs = settings.source === 'values' ? settings.flag('authentication.mutual.spire.install.enabled') : undefined;
  if (installs === false) {
    if (!agentConf) missing.push('agent-conf');
    if (!entries) missing.push('entries');
  }
  return [...(agentConf ? configuration(inputs) : []), ...(entries ? registrations(inputs, entries) : [])];
}

function configuration({ settings, agentConf }: PreflightInputs): PreflightFinding[] {
  if (!agentConf) return [];
  const { trustDomain, adminSocketPath, socketPath, authorizedDelegates } = agentConf;
  const wanted = settings.text('authentication.mutual.spire.trustDomain');
  const socket = settings.text('authentication.mutual.spire.adminSocketPath');
  const findings: PreflightFinding[] = [];
  if (wanted !== undefined && trustDomain !== wanted)
    findings.push(
      fail(
        'agent.conf: trust_domain',
        `it is ${trustDomain || 'not set'}, Cilium is set to ${wanted}`,
        'Set authentication.mutual.spire.trustDomain to that of SPIRE.',
      ),
    );
  if (adminSocketPath === '')
    findings.push(
      fail(
        'agent.conf: admin_socket_path',
        'it is not set: agents of Cilium get no identities of pods',
        'Set admin_socket_path, in a directory of its own.',
      ),
    );
  else if (socket !== undefined && adminSocketPath !== socket)
    findings.push(fail('agent.conf: admin_socket_path', `it is ${adminSocketPath}, Cilium looks for ${socket}`));
  if (adminSocketPath !== '' && socketPath !== '' && directoryOf(adminSocketPath) === directoryOf(socketPath))
    findings.push(
      fail(
        'agent.conf: admin_socket_path',
        `it lies in ${directoryOf(adminSocketPath)} beside socket_path: every pod that mounts one has the other`,
        'Give it a directory of its own.',
      ),
    );
  const delegate = `spiffe://${trustDomain}/cilium-agent`;
  findings.push(
    authorizedDelegates.includes(delegate)
      ? note('agent.conf: authorized_delegates', `${delegate} may ask for identities of pods`)
      : fail('agent.conf: authorized_delegates', `${delegate} is not among them: agents of Cilium get no identities of pods`),
  );
  return findings;
}

const directoryOf = (path: string): string => path.slice(0, Math.max(1, path.lastIndexOf('/')));

/** Service accounts that need an entry. */
const REGISTERED = [
  { path: '/cilium-agent', account: 'cilium' },
  { path: '/cilium-operator', account: 'cilium-operator' },
] as const;

function registrations({ settings, agentConf }: PreflightInputs, entries: readonly SpireEntry[]): PreflightFinding[] {
  const domain = settings.text('authentication.mutual.spire.trustDomain') ?? agentConf?.trustDomain ?? '';
  return REGISTERED.map(({ path, account }) => {
    const id = `spiffe://${domain}${path}`;
    const own = entries.filter(({ spiffeId }) => spiffeId === id);
    if (own.length === 0)
      return fail(`SPIRE entry ${id}`, 'there is no such entry', 'Register it for the service account in kube-system.');
    return own.some(({ selectors }) => selectors.includes(`k8s:sa:${account}`))
      ? note(`SPIRE entry ${id}`, `it is for the service account ${account}`)
      : fail(`SPIRE entry ${id}`, `none of its selectors is the service account ${account}`);
  });
}
