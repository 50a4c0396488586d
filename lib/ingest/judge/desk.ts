import 'server-only';
import { type CandidateSet, candidateSet } from '#lib/audit/candidate.ts';
import type { JudgedSet } from '#lib/audit/compare.ts';
import type { JudgeInput } from '#lib/audit/judge-input.ts';
import { type PolicyFacts, policyFacts } from '#lib/audit/policy-facts.ts';
import { FlowReplay, replayTuples, type ReplayTraffic } from '#lib/audit/replay-tuples.ts';
import { readLabelSets, readIdentities } from '#lib/db/traffic/read-labels.ts';
import type { TrafficDb } from '#lib/db/traffic/connection.ts';
import { readLedger } from '#lib/db/traffic/read-ledger.ts';
import type { Flow } from '#lib/flow/flow.ts';
import { CausewayError } from '#lib/errors/errors.ts';
import { type CompiledPolicies, compilePolicies, recompile } from '#lib/policy/compile.ts';
import { coveredBy } from '#lib/policy/lint/covers.ts';
import { Subjects } from '#lib/policy/lint/subjects.ts';
import type { PolicyRef, RuleRef } from '#lib/policy/model.ts';
import { parsePolicies } from '#lib/policy/parse.ts';
import { type TrafficFacts, trafficFactsOf } from '#lib/preflight/traffic.ts';
import { chunksIn, completeCapture, flowsOfChunk } from '../capture-reader.ts';
import type { TimeRange } from '../ring.ts';
import type { Candidate, Traffic } from './asks.ts';
import { incompleteMinutes } from './incomplete.ts';
import { ObjectDesk } from './object-desk.ts';
import { ruleKey } from '#lib/audit/use.ts';
import { Selection } from '#lib/audit/selected.ts';
import type { JudgedFacts } from './source.ts';
import { UploadDesk } from './upload-desk.ts';

/** Traffic of a window with what is known of its completeness. */
interface WindowTraffic extends ReplayTraffic {
  readonly range: TimeRange;
  readonly incompleteMinutes: number;
}

/** A candidate, compiled, with the problems of its text. */
export interface JudgedCandidate extends JudgedSet, Pick<CandidateSet, 'put' | 'remove'> {
  readonly text: ReturnType<typeof parsePolicies>;
}

const MOST_WINDOWS = 6;
const MOST_CANDIDATES = 12;
/** A window that ends now is read anew after so long. */
const FRESH_MS = 10_000;

/** What the judge has before it: facts of clusters, their sets compiled, and traffic. What was made for one question serves the next. */
export class Desk {
  readonly db: TrafficDb;
  readonly objects = new ObjectDesk();
  readonly uploads: UploadDesk;
  readonly #goOn: () => void;
  readonly #facts = new Map<string, JudgedFacts>();
  readonly #inForce = new WeakMap<JudgedFacts, JudgedSet>();
  readonly #policyFacts = new WeakMap<JudgedFacts, readonly PolicyFacts[]>();
  readonly #covered = new WeakMap<CompiledPolicies, ReadonlyMap<string, readonly RuleRef[]>>();
  readonly #candidates = new Map<string, JudgedCandidate>();
  readonly #windows = new Map<string, Promise<WindowTraffic>>();
  readonly #inputs = new WeakMap<WindowTraffic, { readonly version: number; readonly input: JudgeInput }>();

  /** `goOn` is called now and then in long work, and throws when nobody waits for it any more. */
  constructor(db: TrafficDb, goOn: () => void) {
    this.db = db;
    this.uploads = new UploadDesk(db);
    this.#goOn = goOn;
  }

  know(cluster: string, facts: JudgedFacts): void {
    this.#facts.set(cluster, facts);
  }

  forget(cluster: string): void {
    this.#facts.delete(cluster);
  }

  /** Whether the policies of a cluster are known. */
  knows(cluster: string): boolean {
    return this.#facts.has(cluster);
  }

  facts(cluster: string): JudgedFacts {
    const facts = this.#facts.get(cluster);
    if (!facts) throw new CausewayError('not-configured', 'the policies of this cluster are not known');
    return facts;
  }

  /** The set in force. */
  inForce(cluster: string): JudgedSet {
    const facts = this.facts(cluster);
    let set = this.#inForce.get(facts);
    if (!set) {
      const { policies, world, setHash } = facts;
      this.#inForce.set(facts, (set = { policies, hash: setHash, compiled: compilePolicies(world, policies) }));
    }
    return set;
  }

  /** What each policy in force is, in their order. */
  policyFacts(cluster: string): readonly PolicyFacts[] {
    const facts = this.facts(cluster);
    let known = this.#policyFacts.get(facts);
    if (!known) {
      const selection = new Selection(facts.world);
      known = facts.policies.map((policy) => policyFacts(policy, facts.world, selection));
      this.#policyFacts.set(facts, known);
    }
    return known;
  }

  /** Finds the rules, of any policy in force, that cover all that a rule covers, for the same subjects. */
  shadows(cluster: string): (policy: PolicyRef, path: string) => RuleRef[] {
    const { compiled } = this.inForce(cluster);
    let covered = this.#covered.get(compiled);
    if (!covered) {
      covered = new Map(
        Array.from(coveredBy(new Subjects(compiled.entries)), ([entry, by]) => [
          ruleKey(entry),
          by.map(({ policy, path }) => ({ policy, path })),
        ]),
      );
      this.#covered.set(compiled, covered);
    }
    return (policy, path) => [...(covered.get(ruleKey({ policy, path })) ?? [])];
  }

  /** A candidate against what is in force now. Throws `bad-input` for a text of which nothing can be read. */
  candidate(cluster: string, { yaml, mode, removes }: Candidate): JudgedCandidate {
    const { version } = this.facts(cluster);
    return remembered(this.#candidates, `${cluster} ${version} ${mode} ${removes.join(' ')} ${yaml}`, MOST_CANDIDATES, () => {
      const base = this.inForce(cluster);
      const text = parsePolicies(yaml);
      const [problem] = text.problems;
      if (problem) {
        const { message, place } = problem;
        throw new CausewayError('bad-input', `yaml: line ${place.line}: ${message}`, { place: { field: 'yaml', ...place } });
      }
      const set = candidateSet(
        base.policies,
        text.objects.map(({ object }) => object),
        mode,
        removes,
      );
      const compiled = recompile(base.compiled, { put: set.put, remove: set.remove });
      return { ...set, compiled, text };
    });
  }

  /** Everything about the traffic of a window that judging needs, with the world and set of now. */
  async input(cluster: string, traffic: Traffic): Promise<JudgeInput> {
    const window = await this.#window(cluster, traffic);
    const { world, policies, setHash, version } = this.facts(cluster);
    const known = this.#inputs.get(window);
    if (known?.version === version) return known.input;
    const { tuples, labelSets, range, incompleteMinutes: incomplete } = window;
    const input: JudgeInput = { world, policies, setHash, tuples, labelSets, ...range, incompleteMinutes: incomplete };
    this.#inputs.set(window, { version, input });
    return input;
  }

  /** The traffic of a window summed up, as preflight reads it. It is not remembered: who asks for it asks once in minutes. */
  async trafficFacts(cluster: string, range: TimeRange, lost: number): Promise<TrafficFacts> {
    const rows = await readLedger(this.db, cluster, range.from, range.to);
    const hashes = new Set(rows.flatMap(({ source, destination }) => [source.labels, destination.labels]).filter(Boolean));
    const labelSets = await readLabelSets(this.db, [...hashes]);
    this.goOn();
    return trafficFactsOf(rows, labelSets, { ...range, lost });
  }

  /** Says that long work goes on. Throws when nobody waits for it any more. */
  goOn(): void {
    this.#goOn();
  }

  /** The flows of a capture in a window, oldest first. */
  async *flowsOf(capture: string, range: TimeRange): AsyncGenerator<Flow> {
    for (const { no } of await chunksIn(this.db, capture, range)) {
      this.#goOn();
      for (const flow of await flowsOfChunk(this.db, capture, no))
        if (flow.time >= range.from && flow.time < range.to) yield flow;
    }
  }

  #window(cluster: string, { range, capture }: Traffic): Promise<WindowTraffic> {
    const age =
      capture === undefined ? `${range.to - range.from} ${Math.floor(range.to / FRESH_MS)}` : `${range.from} ${range.to}`;
    const key = `${cluster} ${capture ?? ''} ${age}`;
    return remembered(this.#windows, key, MOST_WINDOWS, () => {
      const reading = capture === undefined ? this.#ledger(cluster, range) : this.#capture(cluster, capture, range);
      reading.catch(() => this.#windows.delete(key));
      return reading;
    });
  }

  async #ledger(cluster: string, range: TimeRange): Promise<WindowTraffic> {
    const rows = await readLedger(this.db, cluster, range.from, range.to);
    const identities = await readIdentities(this.db, cluster);
    const tuples = replayTuples(rows, (identity) => identities.get(identity));
    const hashes = new Set(tuples.flatMap(({ source, destination }) => [source.labels, destination.labels]).filter(Boolean));
    return {
      tuples,
      labelSets: await readLabelSets(this.db, [...hashes]),
      range,
      incompleteMinutes: await incompleteMinutes(this.db, cluster, range),
    };
  }

  async #capture(cluster: string, id: string, asked: TimeRange): Promise<WindowTraffic> {
    const capture = await completeCapture(this.db, cluster, id);
    const range = {
      from: Math.max(asked.from, capture.from ?? asked.from),
      to: Math.min(asked.to, (capture.to ?? asked.to) + 1),
    };
    const replay = new FlowReplay();
    for await (const flow of this.flowsOf(id, range)) replay.add(flow);
    return { ...replay.traffic(), range, incompleteMinutes: 0 };
  }
}

/** The value of a key, made when it is not there; of more than `most` the one used longest ago goes. */
function remembered<V>(values: Map<string, V>, key: string, most: number, make: () => V): V {
  const value = values.get(key) ?? make();
  values.delete(key);
  values.set(key, value);
  for (const oldest of values.keys()) {
    if (values.size <= most) break;
    values.delete(oldest);
  }
  return value;
}
