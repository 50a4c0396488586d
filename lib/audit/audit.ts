import type { Flow } from '#lib/flow/flow.ts';
import { rfc3339 } from '#lib/flow/time.ts';
import type { World } from '#lib/policy/model.ts';
import { refOf } from '#lib/policy/policy-ref.ts';
import { LearnedNames } from '#lib/world/learned-names.ts';
import { ObservedSettings } from '#lib/world/observed-settings.ts';
import { withNames, type ClusterFacts } from '#lib/world/world-builder.ts';
import { judgeTuples, type Decide, type JudgedTuple } from './agreement.ts';
import { FINDING_KINDS, type FindingKind } from './finding-kinds.ts';
import type { Finding, FindingContext, TupleRule } from './finding.ts';
import {
  auditVerdicts,
  authRequiredDrops,
  defaultDenyDrops,
  denyRuleDrops,
  dropsNotByPolicy,
  unexplained,
} from './findings/drops.ts';
import { enforcementGaps } from './findings/enforcement-gap.ts';
import { HostileText } from './findings/hostile-text.ts';
import { PlaintextPackets } from './findings/plaintext.ts';
import { portScans } from './findings/port-scan.ts';
import { RandomNames } from './findings/random-names.ts';
import { rareEdges } from './findings/rare-edge.ts';
import { l7Denied, l7OutsidePolicy, proxyErrors } from './findings/requests.ts';
import { unknownIdentities } from './findings/unknown-identity.ts';
import { PolicyRevisions } from './revisions.ts';
import { TupleTable } from './tuple-table.ts';
import { isBefore, type Moment } from './tuple.ts';

/** What an audit found. */
export interface Audit {
  readonly flows: number;
  readonly tuples: readonly JudgedTuple[];
  /** By kind, in the order of `FINDING_KINDS`; within a kind by their first flow. */
  readonly findings: readonly Finding[];
  readonly leftOut: TupleTable['leftOut'];
}

/** The rules that need no more than judged tuples. */
export const TUPLE_RULES: readonly TupleRule[] = [
  enforcementGaps,
  unknownIdentities,
  l7OutsidePolicy,
  portScans,
  denyRuleDrops,
  defaultDenyDrops,
  authRequiredDrops,
  auditVerdicts,
  l7Denied,
  proxyErrors,
  dropsNotByPolicy,
  unexplained,
  rareEdges,
];

/**
 * Compares what was seen with what policy says: flows go in one after the other and are folded into tuples at once; the engine is asked at the end, when
 * all DNS answers are known. Flows should come in the order of their time.
 */
export class Auditor {
  readonly #facts: ClusterFacts;
  readonly #names = new LearnedNames();
  readonly #settings = new ObservedSettings();
  readonly #tuples: TupleTable;
  readonly #revisions = new PolicyRevisions();
  readonly #texts: HostileText;
  readonly #packets: PlaintextPackets;
  readonly #lookups: RandomNames;
  #flows = 0;

  constructor(facts: ClusterFacts) {
    const { inventory } = facts;
    this.#facts = facts;
    this.#tuples = new TupleTable(inventory);
    this.#texts = new HostileText(inventory);
    this.#packets = new PlaintextPackets(inventory);
    this.#lookups = new RandomNames(inventory);
  }

  /** Takes a flow. `timeText` is its time as it was written, where that is finer than a flow's. */
  add(flow: Flow, timeText: string = rfc3339(flow.time)): void {
    const moment: Moment = { time: flow.time, text: timeText };
    this.#flows++;
    this.#names.learn(flow);
    this.#settings.add(flow);
    this.#tuples.add(flow, moment);
    this.#revisions.add(flow);
    this.#texts.add(flow, moment);
    this.#packets.add(flow, moment);
    this.#lookups.add(flow, moment);
  }

  /** The world that policies are to be compiled for: what the objects say and what the flows so far add, DNS names above all. */
  world(): World {
    const world = withNames(this.#facts.world, this.#names.addressesByName);
    const isKnown = !this.#facts.world.missing?.includes('config');
    return isKnown ? world : { ...world, config: { ...this.#settings.config(), ...world.config } };
  }

  /** What was found so far, judged by `decide`. More flows may follow. */
  audit(decide: Decide): Audit {
    const { inventory, policies } = this.#facts;
    const context = { inventory, namesOf: (address: string) => this.#names.namesOf(address) };
    const tuples = judgeTuples(this.#tuples.tuples(), context, decide);
    const found: FindingContext = { tuples, policies: new Set(policies.map(refOf)), revisions: this.#revisions.byNode() };
    const findings = [
      ...TUPLE_RULES.flatMap((rule) => rule(found)),
      ...this.#packets.findings(),
      ...this.#lookups.findings(),
      ...this.#texts.findings(),
    ];
    return { flows: this.#flows, tuples, findings: findings.toSorted(byKindAndTime), leftOut: this.#tuples.leftOut };
  }
}

const PLACES: ReadonlyMap<FindingKind, number> = new Map(FINDING_KINDS.map((kind, place) => [kind, place]));

const byKindAndTime = (a: Finding, b: Finding): number =>
  (PLACES.get(a.kind) ?? 0) - (PLACES.get(b.kind) ?? 0) || (isBefore(a.first, b.first) ? -1 : isBefore(b.first, a.first) ? 1 : 0);
