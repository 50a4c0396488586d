import { EVENT_TYPE, type Flow, type PolicyRef, VERDICTS, type Verdict } from '#lib/flow/flow.ts';
import type { Attributed } from './attribution.ts';
import { ENCRYPTION_KINDS } from './encryption.ts';
import { type Histogram, addLatency, emptyHistogram, histogramOfJson, histogramToJson, mergeHistogram } from './histogram.ts';
import type { EncryptionCounts, VerdictCounts } from './topology.ts';

const VERDICT_INDEX: ReadonlyMap<Verdict, number> = new Map(VERDICTS.map((verdict, index) => [verdict, index]));

const FLOWS = 0;
const VERDICT = 1;
const ENCRYPTION = VERDICT + VERDICTS.length;
const AUTHENTICATED = ENCRYPTION + ENCRYPTION_KINDS.length;
const AUTH_EVALUATED = AUTHENTICATED + 1;
const LENGTH = AUTH_EVALUATED + 1;
const ZEROS: readonly number[] = Array.from({ length: LENGTH }, () => 0);

/** Policies, reasons and codes of one edge in one minute are few by nature; further ones are counted together, under these keys. */
const MAX_KINDS = 64;
const OTHER = 'OTHER';
const OTHER_RCODE = -1;

/** What is counted for an edge in a stretch of time. Merging is adding: minutes into windows, pods into workloads, batches into minutes. */
export class EdgeCounters {
  readonly #counts: number[] = ZEROS.slice();
  /** Undefined until first needed: most edges never drop, answer or resolve. */
  drops: Map<string, number> | undefined;
  http: Map<string, number> | undefined;
  dns: Map<number, number> | undefined;
  policies: Map<string, number> | undefined;
  latency: Histogram | undefined;
  /** Unix milliseconds. */
  firstSeen = Number.POSITIVE_INFINITY;
  lastSeen = 0;

  get flows(): number {
    return this.#at(FLOWS);
  }
  get authenticated(): number {
    return this.#at(AUTHENTICATED);
  }
  get authEvaluated(): number {
    return this.#at(AUTH_EVALUATED);
  }
  get dropped(): number {
    let sum = 0;
    if (this.drops) for (const drops of this.drops.values()) sum += drops;
    return sum;
  }

  #at(index: number): number {
    return this.#counts[index] ?? 0;
  }

  verdict(verdict: Verdict): number {
    return this.#at(VERDICT + (VERDICT_INDEX.get(verdict) ?? 0));
  }

  verdicts(): VerdictCounts {
    const counts: Partial<Record<Verdict, number>> = {};
    for (const [verdict, index] of VERDICT_INDEX) {
      const flows = this.#at(VERDICT + index);
      if (flows > 0) counts[verdict] = flows;
    }
    return counts;
  }

  /** Counts by verdict, in the order of `VERDICTS`. */
  verdictCounts(): readonly number[] {
    return this.#counts.slice(VERDICT, ENCRYPTION);
  }

  encryption(): EncryptionCounts {
    const at = (index: number) => this.#at(ENCRYPTION + index);
    return { encrypted: at(0), plaintext: at(1), sameNode: at(2), host: at(3), notEvaluable: at(4) };
  }

  /** Counts a flow. */
  add(flow: Flow, seen: Attributed): void {
    const counts = this.#counts;
    bump(counts, FLOWS);
    bump(counts, VERDICT + (VERDICT_INDEX.get(flow.verdict) ?? 0));
    if (seen.encryption >= 0) bump(counts, ENCRYPTION + seen.encryption);
    if (flow.time < this.firstSeen) this.firstSeen = flow.time;
    if (flow.time > this.lastSeen) this.lastSeen = flow.time;
    if (seen.dropReason !== undefined) count((this.drops ??= new Map()), seen.dropReason, OTHER);
    if (flow.eventType.type === EVENT_TYPE.policyVerdict) this.#addVerdictEvent(flow);
    if (flow.l7 !== undefined && flow.l7.type === 'RESPONSE') this.#addResponse(flow.l7);
  }

  merge(other: EdgeCounters): void {
    for (let index = 0; index < LENGTH; index++) bump(this.#counts, index, other.#at(index));
    if (other.drops) mergeCounts((this.drops ??= new Map()), other.drops);
    if (other.http) mergeCounts((this.http ??= new Map()), other.http);
    if (other.dns) mergeCounts((this.dns ??= new Map()), other.dns);
    if (other.policies) mergeCounts((this.policies ??= new Map()), other.policies);
    if (other.latency) mergeHistogram((this.latency ??= emptyHistogram()), other.latency);
    if (other.firstSeen < this.firstSeen) this.firstSeen = other.firstSeen;
    if (other.lastSeen > this.lastSeen) this.lastSeen = other.lastSeen;
  }

  toJson(): EdgeCountersJson {
    return {
      flows: this.flows,
      verdicts: { ...this.verdicts() },
      encryption: { ...this.encryption() },
      authenticated: this.authenticated,
      auth_evaluated: this.authEvaluated,
      drops: recordOf(this.drops),
      http: recordOf(this.http),
      dns: recordOf(this.dns),
      policies: recordOf(this.policies),
      latency: this.latency ? histogramToJson(this.latency) : {},
      first_seen: this.firstSeen,
      last_seen: this.lastSeen,
    };
  }

  static ofJson(json: EdgeCountersJson): EdgeCounters {
    const counters = new EdgeCounters();
    const counts = counters.#counts;
    counts[FLOWS] = json.flows;
    for (const [verdict, index] of VERDICT_INDEX) counts[VERDICT + index] = json.verdicts[verdict] ?? 0;
    ENCRYPTION_KINDS.forEach((kind, index) => (counts[ENCRYPTION + index] = json.encryption[kind] ?? 0));
    counts[AUTHENTICATED] = json.authenticated;
    counts[AUTH_EVALUATED] = json.auth_evaluated;
    counters.drops = mapOf(json.drops, String);
    counters.http = mapOf(json.http, String);
    counters.dns = mapOf(json.dns, Number);
    counters.policies = mapOf(json.policies, String);
    if (Object.keys(json.latency).length > 0) counters.latency = histogramOfJson(json.latency);
    counters.firstSeen = json.first_seen;
    counters.lastSeen = json.last_seen;
    return counters;
  }

  #addVerdictEvent(flow: Flow): void {
    const counts = this.#counts;
    if (flow.trafficDirection === 'INGRESS') {
      bump(counts, AUTH_EVALUATED);
      if (flow.authType !== undefined && flow.authType !== 'DISABLED') bump(counts, AUTHENTICATED);
    }
    for (const policy of decidingPolicies(flow)) count((this.policies ??= new Map()), policy, OTHER);
  }

  #addResponse(l7: NonNullable<Flow['l7']>): void {
    if (l7.http && l7.http.code > 0) count((this.http ??= new Map()), httpClass(l7.http.code), OTHER);
    if (l7.dns) count((this.dns ??= new Map()), l7.dns.rcode, OTHER_RCODE);
    if (l7.latencyNs > 0) addLatency((this.latency ??= emptyHistogram()), l7.latencyNs / 1e6);
  }
}

/** `EdgeCounters` as plain JSON, with the column names of the rollup table. All but the times may be added up. */
export interface EdgeCountersJson {
  readonly flows: number;
  readonly verdicts: VerdictCounts;
  readonly encryption: Readonly<Partial<Record<keyof EncryptionCounts, number>>>;
  readonly authenticated: number;
  readonly auth_evaluated: number;
  readonly drops: Readonly<Record<string, number>>;
  readonly http: Readonly<Record<string, number>>;
  /** By rcode number. */
  readonly dns: Readonly<Record<string, number>>;
  readonly policies: Readonly<Record<string, number>>;
  /** By bucket number, see `histogram.ts`. */
  readonly latency: Readonly<Record<string, number>>;
  readonly first_seen: number;
  readonly last_seen: number;
}

const POLICY_KINDS: ReadonlyMap<string, string> = new Map([
  ['CiliumNetworkPolicy', 'cnp'],
  ['CiliumClusterwideNetworkPolicy', 'ccnp'],
  ['NetworkPolicy', 'knp'],
]);
const nameOfPolicy = new WeakMap<PolicyRef, string>();

/** `kind:namespace/name`, e.g. `cnp:payments/ledger-open`, `ccnp:allow-cluster-dns`; empty for a derived policy, which has no name. */
export function policyName(policy: PolicyRef): string {
  let name = nameOfPolicy.get(policy);
  if (name === undefined) {
    const kind = POLICY_KINDS.get(policy.kind) ?? (policy.kind || 'policy').toLowerCase();
    name = policy.name === '' ? '' : `${kind}:${policy.namespace === '' ? '' : `${policy.namespace}/`}${policy.name}`;
    nameOfPolicy.set(policy, name);
  }
  return name;
}

/** Policies that Hubble named as deciding this event, each once. */
export function decidingPolicies(flow: Flow): readonly string[] {
  let names: string[] | undefined;
  for (const list of [flow.egressDeniedBy, flow.ingressDeniedBy, flow.egressAllowedBy, flow.ingressAllowedBy]) {
    for (const policy of list) {
      const name = policyName(policy);
      if (name !== '' && !names?.includes(name)) (names ??= []).push(name);
    }
  }
  return names ?? NO_POLICIES;
}
const NO_POLICIES: readonly string[] = [];

const httpClass = (code: number): string => (code >= 100 && code < 600 ? `${Math.floor(code / 100)}xx` : 'other');

function bump(counts: number[], index: number, by = 1): void {
  counts[index] = (counts[index] ?? 0) + by;
}

function count<K>(counts: Map<K, number>, key: K, other: K): void {
  const known = counts.get(key);
  if (known === undefined && counts.size >= MAX_KINDS) counts.set(other, (counts.get(other) ?? 0) + 1);
  else counts.set(key, (known ?? 0) + 1);
}

function mergeCounts<K>(into: Map<K, number>, other: ReadonlyMap<K, number>): void {
  for (const [key, value] of other) into.set(key, (into.get(key) ?? 0) + value);
}

const NOTHING: Readonly<Record<string, number>> = Object.freeze({});

/** A record whose keys came from flows: without a prototype, so `__proto__` is a key like any other. */
export function recordOf(counts: ReadonlyMap<string | number, number> | undefined): Readonly<Record<string, number>> {
  if (counts === undefined || counts.size === 0) return NOTHING;
  const record: Record<string, number> = Object.create(null);
  for (const [key, value] of counts) record[String(key)] = value;
  return record;
}

function mapOf<K>(record: Readonly<Record<string, number>>, keyOf: (key: string) => K): Map<K, number> | undefined {
  const entries = Object.entries(record);
  return entries.length === 0 ? undefined : new Map(entries.map(([key, value]) => [keyOf(key), value]));
}
