import type { PreflightEntry, PreflightReport } from '#lib/api/preflight.ts';
import type { CheckStatus, Phase } from '#lib/migration/model.ts';
import { type InputName, SUBSYSTEMS, type Subsystem } from '#lib/preflight/check.ts';

/** What the page of preflight shows of a report. Pure. */

/** In the order in which people work through them. */
export const STATUS_ORDER = ['fail', 'unknown', 'pass'] as const satisfies readonly CheckStatus[];

export const SHOWN_STATUSES = ['all', ...STATUS_ORDER] as const;
export type ShownStatus = (typeof SHOWN_STATUSES)[number];

export type StatusCounts = Readonly<Record<CheckStatus, number>>;

export interface PreflightFilter {
  /** Only checks that stand before this phase's gate. */
  readonly phase: Phase | null;
  readonly status: ShownStatus;
  /** Words that must all occur. */
  readonly find: string;
}

/** A subsystem with its checks, worst first. */
export interface SubsystemPart {
  readonly subsystem: Subsystem;
  readonly checks: readonly PreflightEntry[];
  readonly counts: StatusCounts;
}

/** Checks that the filter lets through. */
export function filterChecks(checks: readonly PreflightEntry[], { phase, status, find }: PreflightFilter): PreflightEntry[] {
  const words = find.toLowerCase().split(/\s+/).filter(Boolean);
  return checks.filter((check) => {
    if (phase !== null && !check.gates.includes(phase) && !check.acknowledge.includes(phase)) return false;
    if (status !== 'all' && check.status !== status) return false;
    return words.every((word) => textOf(check).includes(word));
  });
}

/** By subsystem, in the order of the list of subsystems; within one fail, unknown, pass, and then by number. Empty ones are left out. */
export function partsOf(checks: readonly PreflightEntry[]): SubsystemPart[] {
  return SUBSYSTEMS.map((subsystem) => {
    const own = checks.filter((check) => check.subsystem === subsystem).toSorted(inOrder);
    return { subsystem, checks: own, counts: countStatuses(own) };
  }).filter(({ checks: own }) => own.length > 0);
}

export function countStatuses(checks: readonly Pick<PreflightEntry, 'status'>[]): StatusCounts {
  const count = (status: CheckStatus) => checks.filter((check) => check.status === status).length;
  return { fail: count('fail'), unknown: count('unknown'), pass: count('pass') };
}

/** The weightiest status that occurs; undefined of none. */
export const worstOf = (counts: StatusCounts): CheckStatus | undefined => STATUS_ORDER.find((status) => counts[status] > 0);

/** The subsystem to show first: one with a check that fails, else one with an unknown, else the first. */
export const firstPart = (parts: readonly SubsystemPart[]): SubsystemPart | undefined =>
  parts.find(({ counts }) => counts.fail > 0) ?? parts.find(({ counts }) => counts.unknown > 0) ?? parts[0];

/** The report as the command line prints it with `--format json`. */
export const reportJson = (checks: readonly PreflightEntry[]): string =>
  `${JSON.stringify(
    checks
      .toSorted((a, b) => a.check - b.check)
      .map(({ check, id, status, findings, missing }) => ({ check, id, status, findings, missing })),
    undefined,
    2,
  )}\n`;

/** Options of the command line by the inputs they provide. */
const FILES: readonly (readonly [option: string, file: string, inputs: readonly InputName[]])[] = [
  ['--values', 'values.yaml', ['values']],
  [
    '--objects',
    'objects.json',
    ['nodes', 'pods', 'namespaces', 'services', 'endpoints', 'identities', 'cilium-nodes', 'daemonsets', 'policies'],
  ],
  ['--cilium-status', 'cilium-status.json', ['cilium-status']],
  ['--encryption-status', 'encryption-status.json', ['encryption-status']],
  ['--agent-conf', 'agent.conf', ['agent-conf']],
  ['--entries', 'entries.json', ['entries']],
  ['--flows', 'flows.jsonl', ['flows']],
];

/** The same question for the command line: the files of what is known here, phase and target version. */
export function preflightCommand({ inputs }: Pick<PreflightReport, 'inputs'>, phase: Phase | null, target: string): string {
  const known = new Set(inputs.filter(({ source }) => source !== '').map(({ name }) => name));
  const files = FILES.filter(([, , names]) => names.some((name) => known.has(name))).map(([option, file]) => `${option} ${file}`);
  return [
    'causeway preflight',
    ...files,
    ...(phase === null ? [] : [`--phase ${phase}`]),
    ...(target === '' ? [] : [`--target-version ${target}`]),
  ].join(' ');
}

const textOf = ({ check, id, title, subsystem, findings }: PreflightEntry): string =>
  [`#${check}`, id, title, subsystem, ...findings.flatMap(({ object, message }) => [object, message])].join(' ').toLowerCase();

const rank = ({ status }: PreflightEntry): number => STATUS_ORDER.indexOf(status);
const inOrder = (a: PreflightEntry, b: PreflightEntry): number => rank(a) - rank(b) || a.check - b.check;

/** Inputs that a file can provide; the others come from the cluster, the relay or the question. */
const NO_FILE: ReadonlySet<InputName> = new Set(['flows', 'relay', 'target-version', 'version']);
export const takesFile = (input: InputName): boolean => !NO_FILE.has(input);
