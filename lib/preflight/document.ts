import type { PreflightCheck } from './check.ts';
import { INPUT_HINTS } from './input-hints.ts';

/** The documentation of the checks: `docs/preflight.md` is this text. */
export function preflightDocument(checks: readonly PreflightCheck[]): string {
  return [
    '# Preflight checks',
    '',
    '<!-- Written by `causeway preflight --checks`; edit the checks in lib/preflight/checks instead. -->',
    '',
    'What is looked at before a cluster takes its next step from the AWS VPC CNI to Cilium. Each check reads what is known of the cluster and says',
    '`pass`, `fail` or `unknown` with the objects it found. `unknown` names the inputs that are missing and never passes a gate.',
    '',
    'The console runs all of them every few minutes from the cluster’s objects, uploads, the traffic ledger and Hubble Relay. The command line runs them from',
    'files, without server or database:',
    '',
    '```sh',
    'kubectl get nodes,pods,ns,svc,endpointslices,ciliumendpoints,ciliumidentities,ciliumnodes -A -o json > objects.json',
    'kubectl get daemonsets -n kube-system -o json --show-managed-fields > daemonsets.json',
    'kubectl get networkpolicies,ciliumnetworkpolicies,ciliumclusterwidenetworkpolicies -A -o json > policies.json',
    'helm get values cilium -n kube-system -o yaml > values.yaml',
    'cilium status -o json > status.json',
    'causeway preflight --phase 1 --values values.yaml --policies policies.json --cilium-status status.json \\',
    '  --objects objects.json daemonsets.json --none NodePool EC2NodeClass SecurityGroupPolicy',
    '```',
    '',
    '`--format json` is a list of `{check, id, status, findings, missing}`, `--format sarif` is SARIF 2.1.0. Exit status: 0 when all pass, 1 when one fails,',
    '2 when an input cannot be read (file, place and reason are told), 3 when none fails and something is unknown. A kind of object of which the files hold',
    'none is unknown, unless a typed list without items (`kubectl get --raw /apis/karpenter.sh/v1/nodepools`) or `--none KIND...` says that there are none.',
    '',
    '## Inputs',
    '',
    '| input | what it is | how to get it | option |',
    '|---|---|---|---|',
    ...Object.entries(INPUT_HINTS).map(
      ([name, { what, command, option }]) =>
        `| ${name} | ${what} | ${command && `\`${command}\``} | ${option ? `\`${option}\`` : 'console only'} |`,
    ),
    '',
    '## Checks',
    '',
    '| # | check | subsystem | stands before the gate of | may be acknowledged at |',
    '|---|---|---|---|---|',
    ...checks.map(
      ({ number, id, title, subsystem, gates, acknowledge }) =>
        `| ${number} | [${title}](#${anchor(number, id)}) | ${subsystem} | ${phases(gates)} | ${phases(acknowledge)} |`,
    ),
    ...checks.flatMap(section),
    '',
  ].join('\n');
}

const phases = (list: readonly number[]): string => list.map((phase) => `phase ${phase}`).join(', ');
const anchor = (number: number, id: string): string => `${number}-${id}`;

const section = ({ number, id, title, severity, why, fix, needs, links }: PreflightCheck): string[] => [
  '',
  `### ${number} ${id}`,
  '',
  `${title} (\`${severity}\`).`,
  '',
  why,
  '',
  fix,
  '',
  `Reads: ${needs.join(', ')}.`,
  '',
  `Behind it: ${links.map((link) => `[${link.title}](${link.url})`).join(', ')}.`,
];
