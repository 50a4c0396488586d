import type { MapEdge, MapNode, MapNodeKind, VerdictCounts } from '#lib/topology/topology.ts';

/** What the map draws, before any position is known: cards in islands, lines between cards. */

/** Where a card stands: in its namespace's island, left (outside callers), right (outside names), or below (nodes, API server). */
export type Place = 'island' | 'callers' | 'names' | 'platform';

export interface Card {
  /**
   * A node's id; a folded namespace's name; `@callers` or `@names` for folded outside groups. An outside node that both calls and is
   * called is drawn twice: the card at the right has the id `to <node id>`.
   */
  readonly id: string;
  readonly place: Place;
  /** Namespace; empty outside the cluster. */
  readonly namespace: string;
  readonly title: string;
  readonly subtitle: string;
  readonly kind: MapNodeKind | 'group';
  readonly workloadKind: string;
  readonly pods: number;
  /** Whether it stands for several nodes (a folded namespace or group). */
  readonly folded: boolean;
  readonly nodes: readonly MapNode[];
  readonly verdicts: VerdictCounts;
  /** Platform edges folded into this card: lookups it makes, scrapes and probes it answers. */
  readonly marks: PlatformCounts;
}

export interface PlatformCounts {
  readonly dns: number;
  readonly scrape: number;
  readonly probe: number;
}

export interface Island {
  readonly namespace: string;
  readonly cards: readonly Card[];
}

/** How a line is drawn. `TRACED` stands for everything that says nothing about delivery. */
export type LineStyle = 'FORWARDED' | 'DROPPED' | 'AUDIT' | 'REDIRECTED' | 'ERROR' | 'TRACED';

export interface Line {
  /** `source->target`, with ` DROPPED` or ` AUDIT` behind it where lines between folded cards are kept apart. */
  readonly id: string;
  readonly source: string;
  readonly target: string;
  /** At least one; those with most flows first. */
  readonly edges: readonly MapEdge[];
  readonly flows: number;
  readonly verdicts: VerdictCounts;
  readonly style: LineStyle;
  /** Share of DROPPED flows, 0..1. */
  readonly droppedShare: number;
}

export interface CanvasModel {
  readonly cards: ReadonlyMap<string, Card>;
  readonly islands: readonly Island[];
  readonly lines: readonly Line[];
  /** Edges of the topology that are drawn, and platform edges folded into marks. */
  readonly edges: number;
  readonly platform: PlatformCounts;
  /** Namespaces and outside groups that are folded now. */
  readonly foldedGroups: ReadonlySet<string>;
  /** Card that shows a node (as a caller, as a callee). */
  readonly cardOf: (nodeId: string, side: 'source' | 'destination') => string | undefined;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Rect extends Point {
  readonly width: number;
  readonly height: number;
}
