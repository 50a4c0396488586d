import { hash64 } from '#lib/ledger/hash.ts';
import type { JudgedTuple } from './agreement.ts';
import { FINDING_KINDS, FINDING_WORDS, type FindingKind } from './finding-kinds.ts';
import type { Finding } from './finding.ts';
import type { AuditEnd, AuditRequest } from './tuple.ts';

/** So many tuples, standing for so many flows. */
interface Share {
  readonly tuples: number;
  readonly flows: number;
}

/** A finding as the API tells it. */
export interface ReportedFinding {
  readonly id: string;
  readonly kind: FindingKind;
  readonly severity: 'error' | 'warning' | 'note';
  readonly title: string;
  readonly source: string;
  readonly destination: string;
  readonly protocol?: string;
  readonly port?: number;
  readonly l7?: string;
  readonly flows: number;
  readonly firstSeen: number;
  readonly lastSeen: number;
  readonly nodes: readonly string[];
  readonly policies: readonly string[];
  readonly exampleUuid: string;
  readonly look: string;
  readonly unknown: readonly string[];
}

/** Agreement with its denominator, and the findings by kind, worst first: `AuditReport` of the API without what only its maker knows. */
export interface ReportedAudit {
  readonly agree: Share;
  readonly disagree: Share;
  readonly notJudgeable: Share;
  readonly notJudgeableReasons: readonly (Share & { readonly code: string; readonly detail: string })[];
  readonly groups: readonly {
    readonly kind: FindingKind;
    readonly title: string;
    readonly explanation: string;
    readonly findings: readonly ReportedFinding[];
    readonly total: number;
  }[];
}

const MOST_OF_A_KIND = 200;
const MOST_REASONS = 50;

/** An audit as it is reported, of a recording or of the ledger. */
export function reportAudit(tuples: readonly JudgedTuple[], findings: readonly Finding[]): ReportedAudit {
  const share = (agree: JudgedTuple['agree']): Share => shareOf(tuples.filter((tuple) => tuple.agree === agree));
  return {
    agree: share(true),
    disagree: share(false),
    notJudgeable: share('not judgeable'),
    notJudgeableReasons: reasonsOf(tuples.filter(({ agree }) => agree === 'not judgeable')),
    groups: FINDING_KINDS.flatMap((kind) => {
      const found = findings.filter((finding) => finding.kind === kind);
      if (found.length === 0) return [];
      const { title, explanation } = FINDING_WORDS[kind];
      const most = found.toSorted((a, b) => b.flows - a.flows).slice(0, MOST_OF_A_KIND);
      return [{ kind, title, explanation, findings: most.map(reported), total: found.length }];
    }),
  };
}

const shareOf = (tuples: readonly JudgedTuple[]): Share => ({
  tuples: tuples.length,
  flows: tuples.reduce((sum, { count }) => sum + count, 0),
});

/** Notes name identities and reasons; digits aside they are of a few kinds, which `code` tells apart. */
function reasonsOf(tuples: readonly JudgedTuple[]): ReportedAudit['notJudgeableReasons'] {
  const reasons = new Map<string, JudgedTuple[]>();
  for (const tuple of tuples) {
    const note = tuple.note ?? 'no reason is known';
    const some = reasons.get(note);
    if (some) some.push(tuple);
    else reasons.set(note, [tuple]);
  }
  return [...reasons]
    .map(([detail, some]) => ({ code: some[0]?.finding ?? 'not-judgeable', detail, ...shareOf(some) }))
    .toSorted((a, b) => b.tuples - a.tuples || b.flows - a.flows)
    .slice(0, MOST_REASONS);
}

function reported(finding: Finding): ReportedFinding {
  const { kind, source, destination, protocol, port, l7, flows, first, last, nodes = [], uuids } = finding;
  const { severity, title, look } = FINDING_WORDS[kind];
  const detail = detailOf(finding);
  return {
    id: hash64(
      JSON.stringify([
        kind,
        source,
        destination,
        protocol,
        port,
        l7,
        finding.field,
        finding.value,
        finding.parent,
        finding.dropReason,
      ]),
    ),
    kind,
    severity,
    title: detail === '' ? title : `${title}: ${detail}`,
    source: endText(source),
    destination: destination ? endText(destination) : '',
    ...(protocol && { protocol }),
    ...(typeof port === 'number' && { port }),
    ...(l7 && { l7: requestText(l7) }),
    flows,
    firstSeen: first.time,
    lastSeen: last.time,
    nodes: [...nodes],
    policies: policiesOf(finding),
    exampleUuid: uuids[0] ?? '',
    look,
    unknown: [...new Set((finding.tuples ?? []).flatMap(({ agree, note }) => (agree === 'not judgeable' && note ? [note] : [])))],
  };
}

/** What a kind says beside its ends. */
function detailOf({ kind, ports, names, parent, field, value, dropReason }: Finding): string {
  switch (kind) {
    case 'port-scan':
      return `${ports ?? 0} ports`;
    case 'random-names':
      return `${names ?? 0} names under ${parent ?? ''}`;
    case 'hostile-text':
      return `${field ?? ''} ${value ?? ''}`.trim();
    case 'drop-not-policy':
      return dropReason ?? '';
    default:
      return '';
  }
}

function policiesOf({ observedPolicies = [], deniedBy = [], rulesOf = [] }: Finding): string[] {
  return [...new Set([...deniedBy, ...rulesOf, ...observedPolicies])];
}

function endText({ identity, namespace, workload, labels = [] }: AuditEnd): string {
  if (namespace) return workload ? `${namespace}/${workload}` : `${namespace}/identity:${identity}`;
  const named = labels.find((label) => /^(fqdn|cidr):/.test(label)) ?? labels.find((label) => label.startsWith('reserved:'));
  return named?.replace(/^reserved:/, 'entity:') ?? `identity:${identity}`;
}

function requestText(request: AuditRequest): string {
  if ('dns' in request) return `DNS ${request.dns}`;
  if ('kafka' in request) return `Kafka ${request.kafka.apiKey} ${request.kafka.topic}`;
  return `${request.http.method} ${request.http.path}`.trim();
}
