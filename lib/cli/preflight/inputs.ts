import { CausewayError } from '#lib/errors/errors.ts';
import { FlowReplay } from '#lib/audit/replay-tuples.ts';
import { POLICY_KINDS } from '#lib/policy/model.ts';
import { readAgentConf } from '#lib/preflight/files/agent-conf.ts';
import { readApplication } from '#lib/preflight/files/application.ts';
import { readCiliumStatus } from '#lib/preflight/files/cilium-status.ts';
import { readEncryptionStatus } from '#lib/preflight/files/encryption-status.ts';
import { readHelmValues } from '#lib/preflight/files/helm-values.ts';
import { readHubbleStatus } from '#lib/preflight/files/hubble-status.ts';
import type { Reading } from '#lib/preflight/files/reading.ts';
import { readSpireEntries } from '#lib/preflight/files/spire-entries.ts';
import { clusterObjectsOf, preflightInputs } from '#lib/preflight/gather.ts';
import type { HelmValues, PreflightInputs } from '#lib/preflight/inputs.ts';
import { type TrafficFacts, trafficFactsOf } from '#lib/preflight/traffic.ts';
import { parseVersion } from '#lib/preflight/versions.ts';
import { WORLD_KINDS, type WorldKind } from '#lib/world/object.ts';
import { type FlowFileTally, readFlows, readObjects, textOf } from '../cluster-files.ts';
import { problemLine, readPolicyFiles } from '../policy/files.ts';

/** Files that say what is known of a cluster, as commander gives them. */
export interface InputOptions {
  readonly values?: string;
  readonly application?: string;
  readonly nodes?: readonly string[];
  readonly policies?: readonly string[];
  readonly objects?: readonly string[];
  readonly none?: readonly string[];
  readonly ciliumStatus?: string;
  readonly relayStatus?: string;
  readonly encryptionStatus?: string;
  readonly agentConf?: string;
  readonly entries?: string;
  readonly flows?: string;
  readonly ciliumVersion?: string;
  readonly targetVersion?: string;
}

/** What the files say, all of it: throws `bad-input` with file, place and reason for the first that cannot be read. */
export async function readInputs(options: InputOptions, now: number): Promise<PreflightInputs> {
  const version = versionOf('--cilium-version', options.ciliumVersion);
  const given = versionOf('--target-version', options.targetVersion);
  const { values, revision } = await valuesOf(options);
  const target = given ?? revision;
  const cluster = await clusterOf(options);
  const [status, relay, encryption, agentConf, entries] = [
    options.ciliumStatus === undefined ? undefined : await fileOf(options.ciliumStatus, readCiliumStatus),
    options.relayStatus === undefined ? undefined : await fileOf(options.relayStatus, readHubbleStatus),
    options.encryptionStatus === undefined ? undefined : await fileOf(options.encryptionStatus, readEncryptionStatus),
    options.agentConf === undefined ? undefined : await fileOf(options.agentConf, readAgentConf),
    options.entries === undefined ? undefined : await fileOf(options.entries, readSpireEntries),
  ];
  const flows = options.flows === undefined ? undefined : await trafficOf(options.flows);
  return preflightInputs({
    now,
    ...(cluster && { cluster }),
    ...(version !== undefined && { version }),
    ...(target !== undefined && { target }),
    ...(values && { values }),
    ...(status && { status }),
    ...(relay && { relay }),
    ...(encryption && { encryption }),
    ...(agentConf && { agentConf }),
    ...(entries && { entries }),
    ...(flows && { flows }),
  });
}

async function valuesOf({ values, application }: InputOptions): Promise<{ values?: HelmValues; revision?: string }> {
  if (values !== undefined && application !== undefined)
    throw new CausewayError('bad-input', '--values and --application are two places for the same: give one of them');
  if (values !== undefined) return { values: await fileOf(values, readHelmValues) };
  if (application === undefined) return {};
  const file = await fileOf(application, readApplication);
  if (file.valueFiles.length > 0)
    throw new CausewayError(
      'bad-input',
      `${application}: it takes values from ${file.valueFiles.slice(0, 5).join(', ')}: render them first and give --values`,
    );
  return { values: file.values, ...(parseVersion(file.targetRevision) && { revision: file.targetRevision }) };
}

async function clusterOf({ nodes = [], policies = [], objects = [], none = [] }: InputOptions) {
  if (nodes.length + policies.length + objects.length + none.length === 0) return undefined;
  const values: unknown[] = [];
  const empty: string[] = [];
  for (const path of [...objects, ...nodes]) {
    const read = await readObjects(path);
    for (const object of read.objects) values.push(object);
    empty.push(...read.none);
  }
  if (policies.length > 0) {
    const read = readPolicyFiles(policies);
    const [problem] = read.problems;
    if (problem) throw new CausewayError('bad-input', problemLine(problem));
    for (const object of read.objects) values.push(object);
  }
  const known = [...empty, ...none.flatMap((text) => text.split(',')).map(kindOf), ...(nodes.length > 0 ? ['Node'] : [])];
  return clusterObjectsOf(values, [...known, ...(policies.length > 0 ? POLICY_KINDS : [])]);
}

/** A kind by its name, or by that of its resource: `nodepools`. */
function kindOf(text: string): WorldKind {
  const name = text.trim().toLowerCase();
  const found = WORLD_KINDS.find((kind) =>
    [kind, `${kind}s`, kind.replace(/y$/, 'ies'), `${kind}es`].some((form) => form.toLowerCase() === name),
  );
  if (found === undefined)
    throw new CausewayError('bad-input', `--none: ${text} is no kind that is read; there are ${WORLD_KINDS.join(', ')}`);
  return found;
}

async function fileOf<T>(file: string, read: (text: string) => Reading<T>): Promise<T> {
  const reading = read(await textOf(file));
  if (reading.ok) return reading.value;
  const { line, column, message } = reading.problem;
  throw new CausewayError('bad-input', `${[file, line, column].filter((part) => part !== undefined).join(':')}: ${message}`);
}

function versionOf(option: string, text: string | undefined): string | undefined {
  if (text !== undefined && !parseVersion(text))
    throw new CausewayError('bad-input', `${option}: ${text.slice(0, 60)} is no version, e.g. 1.19.5`);
  return text;
}

async function trafficOf(file: string): Promise<TrafficFacts> {
  const tally: FlowFileTally = { lines: 0, unreadable: 0, firstUnreadable: '', lost: 0 };
  const replay = new FlowReplay();
  let [from, to] = [Number.POSITIVE_INFINITY, 0];
  for await (const { flow } of readFlows(file, tally)) {
    replay.add(flow);
    from = Math.min(from, flow.time);
    to = Math.max(to, flow.time);
  }
  if (to === 0)
    throw new CausewayError('bad-input', `${file} holds no flow${tally.firstUnreadable && `; ${tally.firstUnreadable}`}`);
  const { rows, labelSets } = replay.counted();
  return trafficFactsOf(rows, labelSets, { from, to, lost: tally.lost ?? 0 });
}
