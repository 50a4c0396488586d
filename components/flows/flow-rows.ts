import type { FlowBatch, FlowPage, GapEvent } from '#lib/api/flows.ts';
import { flowOfJson } from '#lib/api/flows.ts';
import type { Flow } from '#lib/flow/flow.ts';
import { rowKey } from './row-key.ts';

/** Most rows kept of a live stream: what a person scrolls through; the rest is one filter or capture away. */
export const MAX_LIVE_ROWS = 2_000;
/** Most rows kept while a person pages back through a range or a capture. */
export const MAX_PAGED_ROWS = 10_000;

/** One line of the table. A gap and flows that were not sent are lines too: what is missing stands where it is missing. */
export type Row =
  | { readonly kind: 'flow'; readonly key: string; readonly time: number; readonly flow: Flow }
  | { readonly kind: 'gap'; readonly key: string; readonly time: number; readonly gap: GapEvent }
  | { readonly kind: 'unsent'; readonly key: string; readonly time: number; readonly flows: number; readonly why: UnsentReason };

/** `slow`: this browser read too slowly, whole batches were left out. `waiting`: more came than the waiting line keeps. */
export type UnsentReason = 'slow' | 'waiting';

export interface FlowRows {
  /** Newest first: what the table shows. */
  readonly rows: readonly Row[];
  /** Newest first: what arrived while the person was reading. */
  readonly waiting: readonly Row[];
  /** Flows that arrived since the table was held, exact, also those that `waiting` no longer keeps. */
  readonly waitingFlows: number;
  /** While true nothing moves: new rows go to `waiting`. */
  readonly held: boolean;
  /** Keys of the flows in `rows` and `waiting`: a resumed stream repeats some. */
  readonly keys: ReadonlySet<string>;
  /** Numbers the lines that have no key of their own. */
  readonly serial: number;
}

export const NO_ROWS: FlowRows = { rows: [], waiting: [], waitingFlows: 0, held: false, keys: new Set(), serial: 0 };

export type RowsAction =
  | { readonly type: 'page'; readonly page: FlowPage }
  | { readonly type: 'older'; readonly page: FlowPage }
  | { readonly type: 'events'; readonly events: readonly StreamItem[] }
  | { readonly type: 'hold'; readonly held: boolean }
  | { readonly type: 'clear' };

/** What the stream delivered between two frames of the screen, in the order in which it came. */
export type StreamItem = { readonly kind: 'batch'; readonly batch: FlowBatch } | { readonly kind: 'gap'; readonly gap: GapEvent };

/** The table after `action`. Pure: the same actions give the same table, however the stream was batched. */
export function foldRows(state: FlowRows, action: RowsAction): FlowRows {
  switch (action.type) {
    case 'page':
      return mergePage(state, action.page);
    case 'older':
      return appendOlder(state, action.page);
    case 'events':
      return addEvents(state, action.events);
    case 'hold':
      return action.held ? { ...state, held: true } : release(state);
    case 'clear':
      return { ...NO_ROWS, held: state.held };
  }
}

/** The first page may come before or after the first live batch: both are one list by time. */
function mergePage(state: FlowRows, page: FlowPage): FlowRows {
  const fresh = pageRows(page).filter((row) => !state.keys.has(row.key));
  const rows = [...state.rows, ...fresh].toSorted((a, b) => b.time - a.time);
  return bounded({ ...state, rows }, MAX_LIVE_ROWS);
}

function appendOlder(state: FlowRows, page: FlowPage): FlowRows {
  const fresh = pageRows(page).filter((row) => !state.keys.has(row.key));
  return bounded({ ...state, rows: [...state.rows, ...fresh] }, MAX_PAGED_ROWS);
}

function addEvents(state: FlowRows, events: readonly StreamItem[]): FlowRows {
  const fresh: Row[] = [];
  const keys = new Set(state.keys);
  let { serial } = state;
  let newest = state.waiting[0]?.time ?? state.rows[0]?.time ?? 0;
  const add = (row: Row) => {
    if (keys.has(row.key)) return;
    keys.add(row.key);
    newest = Math.max(newest, row.time);
    fresh.push(row);
  };
  const addUnsent = (flows: number) => {
    if (flows > 0) add({ kind: 'unsent', key: `unsent:${(serial += 1)}`, time: newest, flows, why: 'slow' });
  };
  for (const event of events) {
    if (event.kind === 'gap') add(gapRow(event.gap));
    else {
      addUnsent(event.batch.skipped);
      for (const json of event.batch.flows) add(flowRow(flowOfJson(json)));
    }
  }
  if (fresh.length === 0) return state;
  fresh.reverse();
  if (!state.held) return bounded({ ...state, rows: [...fresh, ...state.rows], serial }, MAX_LIVE_ROWS);
  const arrived = fresh.filter((row) => row.kind === 'flow').length;
  const waiting = [...fresh, ...state.waiting].slice(0, MAX_LIVE_ROWS);
  return withKeys({ ...state, waiting, waitingFlows: state.waitingFlows + arrived, serial });
}

/** Shows what waited. Flows that the waiting line could not keep stay told, as one line at their place. */
function release(state: FlowRows): FlowRows {
  if (state.waiting.length === 0) return { ...state, held: false };
  const kept = state.waiting.filter((row) => row.kind === 'flow').length;
  const forgotten = state.waitingFlows - kept;
  const serial = state.serial + 1;
  const oldestWaiting = state.waiting.at(-1)?.time ?? 0;
  const line: Row[] =
    forgotten > 0 ? [{ kind: 'unsent', key: `unsent:${serial}`, time: oldestWaiting, flows: forgotten, why: 'waiting' }] : [];
  const rows = [...state.waiting, ...line, ...state.rows];
  return bounded({ ...state, rows, waiting: [], waitingFlows: 0, held: false, serial }, MAX_LIVE_ROWS);
}

const bounded = (state: FlowRows, most: number): FlowRows =>
  withKeys(state.rows.length > most ? { ...state, rows: state.rows.slice(0, most) } : state);

const withKeys = (state: FlowRows): FlowRows => ({
  ...state,
  keys: new Set([...state.rows, ...state.waiting].map((row) => row.key)),
});

const flowRow = (flow: Flow): Row => ({ kind: 'flow', key: rowKey(flow), time: flow.time, flow });

const gapRow = (gap: GapEvent): Row => ({
  kind: 'gap',
  key: `gap:${gap.from}:${gap.to}:${gap.nodeName}`,
  time: gap.to,
  gap,
});

/** Flows of a page with the gaps that fall between them, newest first. */
function pageRows(page: FlowPage): Row[] {
  const flows = page.flows.map((json) => flowRow(flowOfJson(json)));
  const oldest = flows.at(-1)?.time;
  const newest = flows[0]?.time;
  if (oldest === undefined || newest === undefined) return [];
  const gaps = page.coverage.gaps.filter((gap) => gap.to >= oldest && gap.from <= newest).map(gapRow);
  const seen = new Set<string>();
  return [...flows, ...gaps].toSorted((a, b) => b.time - a.time).filter(({ key }) => (seen.has(key) ? false : seen.add(key)));
}
