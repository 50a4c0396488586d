import { compareText } from '#components/ui/compare-text.ts';
import type { Verdict } from '#lib/flow/flow.ts';
import type { MapEdge, MapNode, Topology } from '#lib/topology/topology.ts';
import { CALLERS, foldedGroups, type FoldChoice, isFoldableOutside, NAMES, placeOf } from './fold.ts';
import { addVerdicts, droppedShare, foldsIntoMark, lineStyle } from './line-style.ts';
import type { Card, CanvasModel, Island, Line, Place } from './model.ts';

export interface CanvasOptions {
  readonly fold: FoldChoice;
  /** Draw platform edges as lines too. */
  readonly platform: boolean;
  /** Whether an edge is to be drawn at all (the "hide" box). */
  readonly shows?: (edge: MapEdge) => boolean;
  /** For a phone: outside names and callers stand as one card each. */
  readonly compact?: boolean;
  /** Only these cards (focus on a neighbourhood). */
  readonly only?: ReadonlySet<string> | undefined;
}

/** The map as islands, cards and lines. Pure: the same topology and options give the same model, in the same order. */
export function toCanvas(topology: Topology, options: CanvasOptions): CanvasModel {
  const folded = foldedGroups(topology, options.fold, options.compact);
  const nodes = new Map(topology.nodes.map((node) => [node.id, node]));
  const cards = new CardSet(nodes, folded);
  const lines = new Map<string, Draft>();
  const platform = { dns: 0, scrape: 0, probe: 0 };
  let drawn = 0;
  for (const node of topology.nodes) if (placeOf(node, 'source') === 'island') cards.draft(node, 'source');
  for (const edge of topology.edges) {
    if (options.shows?.(edge) === false) continue;
    if (!options.platform && foldsIntoMark(edge)) {
      if (edge.platform !== '') platform[edge.platform] += 1;
      cards.mark(edge);
      continue;
    }
    const source = cards.of(edge.source, 'source');
    const target = cards.of(edge.destination, 'destination');
    if (source === undefined || target === undefined) continue;
    drawn += 1;
    draftLine(lines, edge, source, target);
  }
  const finished = cards.finish(options.only);
  return {
    cards: finished,
    islands: islandsOf(finished),
    lines: finishLines(lines, finished),
    edges: drawn,
    platform,
    foldedGroups: folded,
    cardOf: (id, side) => cards.find(id, side),
  };
}

interface CardDraft {
  readonly id: string;
  readonly place: Place;
  readonly folded: boolean;
  readonly nodes: MapNode[];
  readonly marks: { dns: number; scrape: number; probe: number };
}

/** The cards that nodes are drawn on, made as edges ask for them. */
class CardSet {
  private readonly drafts = new Map<string, CardDraft>();
  private readonly nodes: ReadonlyMap<string, MapNode>;
  private readonly folded: ReadonlySet<string>;
  /** Outside nodes that are callers somewhere: the same node as a callee gets a card of its own. */
  private readonly seen = new Map<string, Set<string>>();

  constructor(nodes: ReadonlyMap<string, MapNode>, folded: ReadonlySet<string>) {
    this.nodes = nodes;
    this.folded = folded;
  }

  /** The id of the card for a node at one side of an edge, made when it is not there yet. */
  of(nodeId: string, side: 'source' | 'destination'): string | undefined {
    const node = this.nodes.get(nodeId);
    return node && this.draft(node, side).id;
  }

  draft(node: MapNode, side: 'source' | 'destination'): CardDraft {
    const place = placeOf(node, side);
    const id = this.idOf(node, place);
    const draft = this.drafts.get(id) ?? {
      id,
      place,
      folded: this.groupOf(node, place) !== undefined,
      nodes: [],
      marks: { dns: 0, scrape: 0, probe: 0 },
    };
    this.drafts.set(id, draft);
    const members = this.seen.get(id) ?? new Set();
    if (!members.has(node.id)) draft.nodes.push(node);
    this.seen.set(id, members.add(node.id));
    return draft;
  }

  find(nodeId: string, side: 'source' | 'destination'): string | undefined {
    const node = this.nodes.get(nodeId);
    if (node === undefined) return undefined;
    const id = this.idOf(node, placeOf(node, side));
    return this.drafts.has(id) ? id : undefined;
  }

  /** Folds a platform edge into the card that asks (DNS) or answers (scrapes, probes). */
  mark(edge: MapEdge): void {
    if (edge.platform === '') return;
    const id = edge.platform === 'dns' ? this.find(edge.source, 'source') : this.find(edge.destination, 'destination');
    const draft = id === undefined ? undefined : this.drafts.get(id);
    if (draft) draft.marks[edge.platform] += 1;
  }

  finish(only: ReadonlySet<string> | undefined): ReadonlyMap<string, Card> {
    const cards = [...this.drafts.values()]
      .filter(({ id }) => only === undefined || only.has(id))
      .map(cardOf)
      .toSorted((a, b) => compareText(a.id, b.id));
    return new Map(cards.map((card) => [card.id, card]));
  }

  private idOf(node: MapNode, place: Place): string {
    return this.groupOf(node, place) ?? (place === 'names' ? `to ${node.id}` : node.id);
  }

  private groupOf(node: MapNode, place: Place): string | undefined {
    if (place === 'island') return node.kind !== 'namespace' && this.folded.has(node.namespace) ? node.namespace : undefined;
    if (!isFoldableOutside(node)) return undefined;
    const group = place === 'callers' ? CALLERS : NAMES;
    return this.folded.has(group) ? group : undefined;
  }
}

function cardOf({ id, place, folded, nodes, marks }: CardDraft): Card {
  const verdicts: Partial<Record<Verdict, number>> = {};
  for (const node of nodes) addVerdicts(verdicts, node.verdicts);
  const first = nodes[0];
  const pods = nodes.reduce((sum, node) => sum + node.pods, 0);
  const base = { id, place, folded, nodes, verdicts, marks, pods };
  if (first === undefined) return { ...base, namespace: '', title: id, subtitle: '', kind: 'group', workloadKind: '' };
  const count = (one: string, many: string) => `${nodes.length} ${nodes.length === 1 ? one : many}`;
  if (folded && place !== 'island') {
    const title = place === 'callers' ? 'callers' : 'outside';
    return { ...base, namespace: '', title, subtitle: count('name', 'names'), kind: 'group', workloadKind: '' };
  }
  if (folded)
    return {
      ...base,
      namespace: first.namespace,
      title: first.namespace,
      subtitle: count('workload', 'workloads'),
      kind: 'namespace',
      workloadKind: '',
    };
  if (first.kind === 'namespace') {
    const subtitle = `${pods} ${pods === 1 ? 'pod' : 'pods'}`;
    return { ...base, folded: true, namespace: first.id, title: first.name, subtitle, kind: 'namespace', workloadKind: '' };
  }
  return {
    ...base,
    namespace: first.namespace,
    title: first.name,
    subtitle: subtitleOf(first),
    kind: first.kind,
    workloadKind: first.workloadKind,
  };
}

function subtitleOf(node: MapNode): string {
  if (node.id.startsWith('entity:')) return 'reserved';
  const addresses = `${node.addresses} ${node.addresses === 1 ? 'address' : 'addresses'}`;
  if (node.id.startsWith('fqdn:')) return `FQDN · ${addresses}`;
  if (node.id.startsWith('cidr:')) return `CIDR · ${addresses}`;
  return node.workloadKind;
}

interface Draft {
  readonly source: string;
  readonly target: string;
  readonly suffix: string;
  readonly edges: MapEdge[];
}

/** Between folded cards what is refused keeps a line of its own, or it would vanish in the sum of what passes. */
function draftLine(lines: Map<string, Draft>, edge: MapEdge, source: string, target: string): void {
  const style = lineStyle(edge.verdicts);
  const apart = (style === 'DROPPED' || style === 'AUDIT') && (isGroup(source) || isGroup(target));
  const suffix = apart ? ` ${style}` : '';
  const id = `${source}->${target}${suffix}`;
  const draft = lines.get(id);
  if (draft) draft.edges.push(edge);
  else lines.set(id, { source, target, suffix, edges: [edge] });
}

/** Ids of workloads hold a slash and ids of outside nodes a colon; namespaces and groups hold neither. */
const isGroup = (cardId: string) => !cardId.includes('/') && !cardId.includes(':');

function finishLines(drafts: ReadonlyMap<string, Draft>, cards: ReadonlyMap<string, Card>): Line[] {
  const lines: Line[] = [];
  for (const [id, { source, target, edges }] of drafts) {
    if (!cards.has(source) || !cards.has(target)) continue;
    const verdicts: Partial<Record<Verdict, number>> = {};
    let flows = 0;
    for (const edge of edges) {
      addVerdicts(verdicts, edge.verdicts);
      flows += edge.flows;
    }
    edges.sort((a, b) => b.flows - a.flows || compareText(a.key, b.key));
    lines.push({ id, source, target, edges, flows, verdicts, style: lineStyle(verdicts), droppedShare: droppedShare(verdicts) });
  }
  return lines.toSorted((a, b) => compareText(a.id, b.id));
}

function islandsOf(cards: ReadonlyMap<string, Card>): Island[] {
  const islands = new Map<string, Card[]>();
  for (const card of cards.values()) {
    if (card.place !== 'island' || card.folded) continue;
    const members = islands.get(card.namespace) ?? [];
    members.push(card);
    islands.set(card.namespace, members);
  }
  return [...islands]
    .map(([namespace, members]) => ({ namespace, cards: members }))
    .toSorted((a, b) => compareText(a.namespace, b.namespace));
}
