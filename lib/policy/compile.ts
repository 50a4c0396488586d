import { type Conflict, conflictOf } from './conflicts.ts';
import { DirectionPolicy } from './direction-policy.ts';
import { JudgedPeers } from './judged-peers.ts';
import { hasReserved } from './labels.ts';
import type { PolicyObject, PolicyProblem, PolicyRef, World } from './model.ts';
import { type Direction, type Entry, entriesOf, type NormaliseContext } from './normalise.ts';
import { refOf } from './policy-ref.ts';
import { SelectorTable } from './selector-table.ts';
import { SubjectIndex } from './subject-index.ts';
import { isEnforced, problemsOf } from './validate.ts';
import type { SubjectOf } from './world-index.ts';

/** A policy that Cilium refuses: it is stored in the cluster and enforces nothing. */
export interface RejectedPolicy {
  readonly policy: PolicyRef;
  readonly problems: readonly PolicyProblem[];
}

/** What the policies of a subject say; with a conflict they contradict each other and Cilium computes none of them. */
export interface SubjectPolicy {
  readonly ingress: DirectionPolicy;
  readonly egress: DirectionPolicy;
  readonly conflict: Conflict | undefined;
}

/** A policy as it was read. */
interface Slot {
  readonly object: PolicyObject;
  readonly entries: readonly Entry[];
  readonly rejected: RejectedPolicy | undefined;
}

/** What changes between two sets of policies. */
export interface PolicyChange {
  readonly put?: readonly PolicyObject[];
  readonly remove?: readonly PolicyRef[];
}

/**
 * Policies made ready to judge the flows of a world. Nothing is resolved before it is asked for, and everything once: the entries of a subject, then
 * those for a peer, then the answer for a port. Two sets for one world share its identities.
 */
export class CompiledPolicies {
  readonly state: WorldState;
  /** The policies left out, in their order. */
  readonly rejected: readonly RejectedPolicy[];
  readonly #slots: ReadonlyMap<PolicyRef, Slot>;
  readonly #subjects: SubjectIndex;
  /** By the number of the subject. */
  readonly #resolved: (SubjectPolicy | undefined)[];

  /** Use `compilePolicies` and `recompile`. */
  constructor(state: WorldState, slots: ReadonlyMap<PolicyRef, Slot>, resolved: (SubjectPolicy | undefined)[]) {
    this.state = state;
    this.#slots = slots;
    this.#resolved = resolved;
    this.#subjects = new SubjectIndex([...slots.values()].flatMap(({ entries }) => entries));
    this.rejected = [...slots.values()].flatMap(({ rejected }) => rejected ?? []);
  }

  get peers(): JudgedPeers {
    return this.state.peers;
  }

  get world(): World {
    return this.state.peers.index.world;
  }

  /** All entries, in the order of the policies and of the rules in them. */
  get entries(): readonly Entry[] {
    return this.#subjects.entries;
  }

  /** What the policies of a subject say. */
  policyOf(subject: SubjectOf): SubjectPolicy {
    return (this.#resolved[subject.id] ??= this.#resolve(subject));
  }

  /** The same with other policies; what they do not select stays resolved. */
  with({ put = [], remove = [] }: PolicyChange): CompiledPolicies {
    if (this.state.context.selectors.size > MAX_SELECTORS) return this.#startOver(put, remove);
    const slots = new Map(this.#slots);
    const touched: Entry[] = [];
    for (const ref of [...remove, ...put.map(refOf)]) touched.push(...(slots.get(ref)?.entries ?? []));
    for (const ref of remove) slots.delete(ref);
    for (const object of put) {
      const slot = slotOf(object, this.state);
      slots.set(refOf(object), slot);
      touched.push(...slot.entries);
    }
    const changed = new SubjectIndex(touched);
    const resolved = this.#resolved.map((known) => (known && changed.of(known.ingress.subject).length === 0 ? known : undefined));
    return new CompiledPolicies(this.state, slots, resolved);
  }

  #startOver(put: readonly PolicyObject[], remove: readonly PolicyRef[]): CompiledPolicies {
    const removed = new Set(remove);
    const kept = [...this.#slots].flatMap(([ref, { object }]) => (removed.has(ref) ? [] : object));
    return compilePolicies(this.world, [...kept, ...put]);
  }

  #resolve(subject: SubjectOf): SubjectPolicy {
    const entries = this.world.config.policyEnforcement === 'never' ? [] : this.#subjects.of(subject);
    const ingress = entries.filter(({ direction }) => direction === 'ingress');
    const egress = entries.filter(({ direction }) => direction === 'egress');
    return {
      ingress: this.#direction(subject, 'ingress', ingress),
      egress: this.#direction(subject, 'egress', egress),
      conflict: conflictOf(ingress) ?? conflictOf(egress),
    };
  }

  #direction(subject: SubjectOf, direction: Direction, entries: readonly Entry[]): DirectionPolicy {
    const { config } = this.world;
    const isClosed =
      config.policyEnforcement !== 'never' &&
      (config.policyEnforcement === 'always' || hasReserved(subject.identity.labels, 'init'));
    const state = {
      enforced: isClosed || entries.length > 0,
      defaultDeny: isClosed || entries.some(({ defaultDeny }) => defaultDeny),
      audit: config.policyAuditMode === true,
    };
    return new DirectionPolicy(subject, direction, entries, state, this.peers.index);
  }
}

/** What all sets of policies for one world share: its identities, and the policies as they were read. */
export interface WorldState {
  readonly peers: JudgedPeers;
  readonly context: Required<NormaliseContext>;
  readonly slots: WeakMap<PolicyObject, Slot>;
}

const states = new WeakMap<World, WorldState>();
/** With more selectors than this, most of them of candidates that nobody judges any more, a world starts over. */
const MAX_SELECTORS = 50_000;

/** Makes policies ready to judge questions about a world. Neither may be changed afterwards. Of two policies of one name the later counts. */
export function compilePolicies(world: World, policies: Iterable<PolicyObject>): CompiledPolicies {
  let state = states.get(world);
  if (!state || state.context.selectors.size > MAX_SELECTORS) states.set(world, (state = stateOf(world)));
  const slots = new Map<PolicyRef, Slot>();
  for (const object of policies) slots.set(refOf(object), slotOf(object, state));
  return new CompiledPolicies(state, slots, []);
}

/** `compiled` with some policies put or removed; the given one stays as it is. */
export const recompile = (compiled: CompiledPolicies, change: PolicyChange): CompiledPolicies => compiled.with(change);

function stateOf(world: World): WorldState {
  const { config, services, missing } = world;
  const servicesMissing = missing?.includes('services') ?? false;
  return {
    peers: new JudgedPeers(world),
    context: { config, services, servicesMissing, selectors: new SelectorTable() },
    slots: new WeakMap(),
  };
}

function slotOf(object: PolicyObject, { context, slots }: WorldState): Slot {
  const known = slots.get(object);
  if (known) return known;
  const problems = problemsOf(object, context.config);
  const slot = isEnforced(problems)
    ? { object, entries: entriesOf(object, context), rejected: undefined }
    : { object, entries: [], rejected: { policy: refOf(object), problems } };
  slots.set(object, slot);
  return slot;
}
