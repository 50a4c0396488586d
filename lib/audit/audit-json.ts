import type { DirectionDecision } from '#lib/policy/model.ts';
import type { Agreement, JudgedTuple } from './agreement.ts';
import type { Audit } from './audit.ts';
import { FINDING_KINDS, type FindingKind } from './finding-kinds.ts';
import type { Finding } from './finding.ts';

/** Version of the form below; it changes when a reader has to. */
export const AUDIT_SCHEMA_VERSION = 1;
const ENGINE = 'Causeway, policies as Cilium 1.19 judges them';
/** A finding names so many tuples at most; of more it says how many. */
const MOST_NAMED_TUPLES = 12;

/** One direction as an audit says it: false and empty fields are left out, except the first two booleans. */
export type ExpectedJson = Pick<DirectionDecision, 'verdict' | 'reason' | 'enforced' | 'defaultDeny'> &
  Partial<Pick<DirectionDecision, 'matchAllow' | 'matchDeny' | 'auth' | 'redirect' | 'l7'>>;

export type TupleJson = Omit<JudgedTuple, 'first' | 'last' | 'expected' | 'opens' | 'examples'> & {
  readonly first: string;
  readonly last: string;
  readonly expected: { readonly egress: ExpectedJson; readonly ingress: ExpectedJson } | null;
};

export type FindingJson = Omit<Finding, 'first' | 'last' | 'tuples'> & {
  readonly id: string;
  readonly first: string;
  readonly last: string;
  /** Ids, or their number when there are many. */
  readonly tuples?: readonly string[] | number;
};

export interface AuditJson {
  readonly schemaVersion: typeof AUDIT_SCHEMA_VERSION;
  readonly engine: string;
  readonly counts: {
    /** Lines of the recording. */
    readonly lines: number;
    readonly tuples: number;
    /** Different questions that the engine answered. */
    readonly questions: number;
    readonly agree: Readonly<Record<string, number>>;
    readonly agreeFlows: Readonly<Record<string, number>>;
    /** Flows that are in no tuple, by reason; `unreadable`: lines that are no flow. */
    readonly leftOut: Readonly<Record<string, number>>;
    readonly findings: Partial<Record<FindingKind, number>>;
  };
  readonly tuples: readonly TupleJson[];
  readonly findings: readonly FindingJson[];
}

/** An audit as JSON. `lines` and `unreadable` are those of the recording, where it was one. */
export function auditToJson(
  { flows, tuples, findings, leftOut }: Audit,
  recording: { readonly lines?: number; readonly unreadable?: number } = {},
): AuditJson {
  const { lines = flows, unreadable = 0 } = recording;
  const kinds = FINDING_KINDS.map((kind) => [kind, findings.filter((finding) => finding.kind === kind).length] as const);
  return {
    schemaVersion: AUDIT_SCHEMA_VERSION,
    engine: ENGINE,
    counts: {
      lines,
      tuples: tuples.length,
      questions: questionsOf(tuples),
      agree: tallied(tuples, () => 1),
      agreeFlows: tallied(tuples, ({ count }) => count),
      leftOut: {
        replies: leftOut.reply,
        noRequest: leftOut['no-request'],
        ...(leftOut['too-many'] > 0 && { tooMany: leftOut['too-many'] }),
        ...(unreadable > 0 && { unreadable }),
      },
      findings: Object.fromEntries(kinds.filter(([, count]) => count > 0)),
    },
    tuples: tuples.map(tupleToJson),
    findings: findings.map((finding, place) => findingToJson(finding, `f${place + 1}`)),
  };
}

function tupleToJson({ first, last, expected, opens: _opens, examples: _examples, ...tuple }: JudgedTuple): TupleJson {
  return {
    ...tuple,
    first: first.text,
    last: last.text,
    expected: expected && { egress: directionToJson(expected.egress), ingress: directionToJson(expected.ingress) },
  };
}

function directionToJson(direction: DirectionDecision): ExpectedJson {
  const { verdict, reason, enforced, defaultDeny, matchAllow, matchDeny, auth, redirect, l7 } = direction;
  return {
    verdict,
    reason,
    enforced,
    defaultDeny,
    ...(matchAllow.length > 0 && { matchAllow }),
    ...(matchDeny.length > 0 && { matchDeny }),
    ...(auth && { auth }),
    ...(redirect && { redirect }),
    ...(l7 && { l7 }),
  };
}

function findingToJson({ kind, first, last, tuples, ...finding }: Finding, id: string): FindingJson {
  const ids = tuples?.map((tuple) => tuple.id);
  return {
    id,
    kind,
    ...finding,
    first: first.text,
    last: last.text,
    ...(ids && { tuples: ids.length > MOST_NAMED_TUPLES ? ids.length : ids }),
  };
}

const AGREEMENTS: readonly Agreement[] = [true, 'not judgeable', false];

const tallied = (tuples: readonly JudgedTuple[], amountOf: (tuple: JudgedTuple) => number): Record<string, number> =>
  Object.fromEntries(
    AGREEMENTS.map((agree) => [
      String(agree),
      tuples.reduce((sum, tuple) => (tuple.agree === agree ? sum + amountOf(tuple) : sum), 0),
    ]),
  );

/** Tuples that differ only in their event, direction and what was seen ask one question; Kafka requests are not asked about. */
function questionsOf(tuples: readonly JudgedTuple[]): number {
  const asked = tuples.filter(({ expected }) => expected !== null);
  return new Set(
    asked.map(({ source, destination, protocol, port, l7 }) =>
      JSON.stringify([source, destination, protocol, port, l7 && !('kafka' in l7) ? l7 : '']),
    ),
  ).size;
}
