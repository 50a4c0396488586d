import { nearest } from '#lib/flow/nearest.ts';
import { POLICY_KINDS, type PolicyKind, type PolicyObject, type TextPlace } from './model.ts';
import { readJson } from './parse/json.ts';
import type { ReadDocument } from './parse/read.ts';
import { splitDocuments } from './parse/split.ts';
import { readYaml } from './parse/yaml.ts';
import { parsePath } from './schema/path.ts';
import { isRecord, shown } from './schema/problems.ts';

/** A policy of a text. */
export interface ParsedPolicy {
  readonly object: PolicyObject;
  /** Its own text; of one in a list without the indentation. */
  readonly text: string;
  /** Where its first character stands. */
  readonly place: TextPlace;
  /** Where a path of the object (as in `PolicyProblem`) stands, or the nearest that is there above it; undefined for what is no path. */
  readonly placeOf: (path: string) => TextPlace | undefined;
  /** The document it is of, from 1. */
  readonly document: number;
}

/** Why a document, or an object in it, could not be read. It is missing in `objects`: what they say is not all that the text says. */
export interface ParseProblem {
  readonly message: string;
  readonly place: TextPlace;
  /** From 1. */
  readonly document: number;
}

export interface ParsedPolicies {
  readonly objects: readonly ParsedPolicy[];
  /** Objects of other kinds, which no policy engine looks at, most first. */
  readonly others: readonly { readonly kind: string; readonly count: number }[];
  readonly problems: readonly ParseProblem[];
}

/** Characters of a text that are read at most. */
export const MAX_TEXT = 50 * 1024 * 1024;

/**
 * The policies of a text: YAML or JSON, one object, several documents, or lists as `kubectl get -o yaml|json` prints them. What cannot be read is a
 * problem with its place and hides nothing beside it. Nothing is thrown.
 */
export const parsePolicies = (text: string): ParsedPolicies => readPolicies(text, readDocument);

/** Parses like `parsePolicies` and keeps what it read of each document: an edit costs the documents it changed. For one editor. */
export function createPolicyParser(maxChars = 8 * 1024 * 1024): (text: string) => ParsedPolicies {
  let known = new Map<string, ReadDocument>();
  return (text) => {
    const used = new Map<string, ReadDocument>();
    let chars = 0;
    const parsed = readPolicies(text, (chunk) => {
      const document = used.get(chunk) ?? known.get(chunk) ?? readDocument(chunk);
      chars += chunk.length;
      if (chars <= maxChars) used.set(chunk, document);
      return document;
    });
    known = used;
    return parsed;
  };
}

function readDocument(text: string): ReadDocument {
  if (!/^\s*[{[]/.test(text)) return readYaml(text);
  const json = readJson(text);
  if (json.faults.every(({ isFatal }) => !isFatal) || text.length > 1_000_000) return json;
  // Brackets begin YAML as well.
  const yaml = readYaml(text);
  return yaml.faults.some(({ isFatal }) => isFatal) ? json : yaml;
}

function readPolicies(text: string, read: (chunk: string) => ReadDocument): ParsedPolicies {
  const body = text.startsWith('\ufeff') ? text.slice(1) : text;
  if (body.length > MAX_TEXT) {
    const place = new Lines(body.slice(0, MAX_TEXT), 0).place(MAX_TEXT);
    const message = `the text is larger than ${MAX_TEXT / 1024 / 1024} MB, which is where reading stops: use several files`;
    return { objects: [], others: [], problems: [{ message, place, document: 1 }] };
  }
  const collector = new Collector();
  for (const [index, chunk] of splitDocuments(body).entries())
    collector.document(read(chunk.text), chunk.text, new Lines(chunk.text, chunk.line), index + 1);
  return collector.result();
}

/** Lines of a document: offsets to places of the whole text. */
class Lines {
  private readonly text: string;
  private readonly first: number;
  private starts: number[] | undefined;

  constructor(text: string, first: number) {
    this.text = text;
    this.first = first;
  }

  place(offset: number): TextPlace {
    this.starts ??= lineStarts(this.text);
    let low = 0;
    for (let high = this.starts.length - 1; low < high;) {
      const middle = (low + high + 1) >> 1;
      if ((this.starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: this.first + low + 1, column: offset - (this.starts[low] ?? 0) + 1 };
  }
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

interface Source {
  readonly read: ReadDocument;
  readonly text: string;
  readonly lines: Lines;
  readonly document: number;
}

/** Lists in lists are opened, to a depth that nobody reaches. */
const MAX_LISTS = 5;

class Collector {
  private readonly objects: ParsedPolicy[] = [];
  private readonly others = new Map<string, number>();
  private readonly problems: ParseProblem[] = [];

  result(): ParsedPolicies {
    const others = [...this.others].map(([kind, count]) => ({ kind, count })).toSorted((a, b) => b.count - a.count);
    return { objects: this.objects, others, problems: this.problems };
  }

  document(read: ReadDocument, text: string, lines: Lines, document: number): void {
    const source = { read, text, lines, document };
    const fatals = read.faults.filter(({ isFatal }) => isFatal);
    if (fatals.length > 0) {
      // What follows a first error is most often its consequence.
      for (const { message, offset } of fatals.slice(0, 1)) this.problem(source, message, offset);
      return;
    }
    if (read.value === null || read.value === undefined) return;
    this.value(read.value, source, 0, undefined);
  }

  private problem({ lines, document }: Source, message: string, offset: number): void {
    this.problems.push({ message, place: lines.place(offset), document });
  }

  private value(value: unknown, source: Source, depth: number, of: { kind: string; apiVersion: unknown } | undefined): void {
    if (!isRecord(value)) {
      this.problem(source, `this is ${shown(value)}, not a Kubernetes object`, offsetAt(source, value));
      return;
    }
    const { kind = of?.kind, apiVersion = of?.apiVersion, items } = value;
    if (typeof kind !== 'string' || kind === '') {
      this.problem(source, 'kind is missing: this is no Kubernetes object', offsetAt(source, value));
      return;
    }
    if (kind.endsWith('List') && Array.isArray(items) && depth < MAX_LISTS) {
      const itemOf = kind === 'List' ? undefined : { kind: kind.slice(0, -4), apiVersion };
      for (const item of items) this.value(item, source, depth + 1, itemOf);
      return;
    }
    if (isPolicyKind(kind) && isOfGroup(kind, apiVersion)) this.policy(value, { kind, apiVersion }, source);
    else if (isPolicyKind(kind) && apiVersion === undefined)
      this.problem(source, `apiVersion is missing: ${API_VERSIONS[kind]}`, offsetAt(source, value));
    else this.other(kind, apiVersion, value, source);
  }

  private other(kind: string, apiVersion: unknown, value: object, source: Source): void {
    const isCilium = typeof apiVersion === 'string' && apiVersion.startsWith('cilium.io/');
    const [meant] = isCilium && !isPolicyKind(kind) ? nearest(kind, POLICY_KINDS, 1) : [];
    if (meant && /^cilium.*polic/i.test(kind))
      this.problem(source, `there is no kind ${shown(kind)}; did you mean ${meant}?`, offsetAt(source, value));
    this.others.set(kind, (this.others.get(kind) ?? 0) + 1);
  }

  private policy(
    value: Readonly<Record<string, unknown>>,
    type: { kind: PolicyKind; apiVersion: unknown },
    source: Source,
  ): void {
    const [start, end] = source.read.ends.get(value) ?? [0, source.text.length];
    const faults = source.read.faults.filter(({ offset }) => offset >= start && offset <= end);
    for (const { message, offset } of faults) this.problem(source, message, offset);
    const fault = metadataFault(value['metadata']);
    if (fault !== undefined) this.problem(source, fault, offsetAt(source, value['metadata'], start));
    if (faults.length > 0 || fault !== undefined) return;
    const metadata = value['metadata'] ?? {};
    const isWhole = value['kind'] !== undefined && value['apiVersion'] !== undefined && value['metadata'] === metadata;
    // An element of a typed list gets its kind from the list.
    const object = (isWhole ? value : { ...type, ...value, metadata }) as unknown as PolicyObject;
    this.objects.push({
      object,
      text: ownText(source.text, start, end),
      place: source.lines.place(start),
      placeOf: (path) => placeOf(value, path, start, source),
      document: source.document,
    });
  }
}

const API_VERSIONS: Readonly<Record<PolicyKind, string>> = {
  CiliumNetworkPolicy: 'cilium.io/v2',
  CiliumClusterwideNetworkPolicy: 'cilium.io/v2',
  NetworkPolicy: 'networking.k8s.io/v1',
};

const isPolicyKind = (kind: string): kind is PolicyKind => POLICY_KINDS.some((known) => known === kind);

/** Other makers have kinds of these names too. */
const isOfGroup = (kind: PolicyKind, apiVersion: unknown): boolean => apiVersion === API_VERSIONS[kind];

/** The parts of an object's metadata that everything relies on are what they should be. */
function metadataFault(metadata: unknown): string | undefined {
  if (metadata === undefined || metadata === null) return undefined;
  if (!isRecord(metadata)) return `metadata must be a mapping, not ${shown(metadata)}`;
  for (const field of ['name', 'namespace', 'uid', 'creationTimestamp']) {
    const value = metadata[field];
    if (value !== undefined && value !== null && typeof value !== 'string')
      return `metadata.${field} must be text, not ${shown(value)}: put it in quotes`;
  }
  for (const field of ['labels', 'annotations']) {
    const value = metadata[field] ?? {};
    if (!isRecord(value)) return `metadata.${field} must be a mapping, not ${shown(value)}`;
    const bad = Object.entries(value).find(([, text]) => typeof text !== 'string' && text !== null);
    if (bad) return `metadata.${field}: the value of ${shown(bad[0])} must be text, not ${shown(bad[1])}: put it in quotes`;
  }
  return undefined;
}

/** Where a mapping or list begins. */
function offsetAt({ read }: Source, value: unknown, otherwise = 0): number {
  if (typeof value !== 'object' || value === null) return otherwise;
  return read.ends.get(value)?.[0] ?? read.places.get(value)?.[0] ?? otherwise;
}

/** Text of an object from its first to its last character; the lines behind the first lose the indentation that it has. */
function ownText(text: string, start: number, end: number): string {
  const lineStart = text.lastIndexOf('\n', start - 1) + 1;
  const indent = start - lineStart;
  const own = text.slice(start, end).trimEnd();
  if (indent === 0 || own.startsWith('{')) return `${own}\n`;
  const margin = ' '.repeat(indent);
  return `${own
    .split('\n')
    .map((line, index) => (index > 0 && line.startsWith(margin) ? line.slice(indent) : line))
    .join('\n')}\n`;
}

/** Follows a path as far as it goes. */
function placeOf(object: unknown, path: string, start: number, { read, lines }: Source): TextPlace | undefined {
  const keys = parsePath(path);
  if (!keys) return undefined;
  let here: unknown = object;
  let offset = start;
  for (const key of keys) {
    if (typeof here !== 'object' || here === null) break;
    const offsets = read.places.get(here);
    const index = Array.isArray(here) ? Number(key) : Object.keys(here).indexOf(String(key));
    const next = offsets?.[index];
    if (next === undefined) break;
    offset = next;
    here = (here as Readonly<Record<string, unknown>>)[String(key)];
  }
  return lines.place(offset);
}
