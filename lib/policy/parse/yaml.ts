import {
  type Alias,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Pair,
  type ParsedNode,
  parseDocument,
  Scalar,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { fatal, type Fault, inKeyOrder, MAX_DEPTH, MAX_VALUES, type ReadDocument, setField } from './read.ts';
import { ambiguity } from './scalars.ts';

/** kubectl writes no aliases; people write a few. */
const MAX_ALIASES = 100;
/** Composing YAML takes a hundred times the memory of its text. */
const MAX_YAML = 24 * 1024 * 1024;

/** Reads one YAML document with the place of every value. What readers of YAML disagree about is a fault. */
export function readYaml(text: string): ReadDocument {
  if (text.length > MAX_YAML)
    return fatal(
      `this document is larger than ${MAX_YAML / 1024 / 1024} MB: use JSON (kubectl get -o json), or several documents`,
      MAX_YAML,
    );
  const document = compose(text);
  if (!document) return fatal(`nested deeper than ${MAX_DEPTH} levels`, 0);
  const faults = [...document.errors, ...document.warnings].map(({ code, message, pos: [offset] }) => ({
    message: inWords(code, message, text, offset),
    offset,
    isFatal: code !== 'DUPLICATE_KEY' && code !== 'TAG_RESOLVE_FAILED',
  }));
  // After such an error the tree is no longer what was written.
  const firstFatal = faults.find(({ isFatal }) => isFatal);
  if (firstFatal) return fatal(firstFatal.message, firstFatal.offset);
  const converter = new Converter();
  const value = converter.read(document.contents);
  return { value, places: converter.places, ends: converter.ends, faults: [...faults, ...converter.faults] };
}

function compose(text: string): ReturnType<typeof parseDocument> | undefined {
  try {
    return parseDocument(text, { prettyErrors: false, uniqueKeys: true, logLevel: 'silent' });
  } catch (error) {
    // The composer calls itself for each level.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

const TEMPLATE = 'if this is a template, render it first (helm template)';

function inWords(code: string, message: string, text: string, offset: number): string {
  if (/call stack/.test(message)) return `nested deeper than ${MAX_DEPTH} levels`;
  if (text.includes('{{') && code !== 'DUPLICATE_KEY') return `${message}: ${TEMPLATE}`;
  switch (code) {
    case 'DUPLICATE_KEY':
      return `the key ${JSON.stringify(/[^:\s]{0,80}/.exec(text.slice(offset, offset + 80))?.[0] ?? '')} stands twice in this mapping`;
    case 'TAB_AS_INDENT':
      return 'a tab cannot indent: use spaces';
    default:
      return message;
  }
}

class Converter {
  readonly places: WeakMap<object, number[]> = new WeakMap();
  readonly ends: WeakMap<object, readonly [number, number]> = new WeakMap();
  readonly faults: Fault[] = [];
  /** Values of anchors, and how many values each stands for. */
  private readonly anchors = new Map<string, { readonly value: unknown; readonly size: number }>();
  private aliases = 0;
  private size = 0;
  private depth = 0;

  read(node: unknown): unknown {
    if (++this.size > MAX_VALUES) return this.fault(node, `more than ${MAX_VALUES} values in one document`, true);
    if (isAlias(node)) return this.alias(node);
    const before = this.size;
    const value = this.ofNode(node);
    const anchor = (node as { readonly anchor?: string } | null)?.anchor;
    if (anchor) this.anchors.set(anchor, { value, size: this.size - before + 1 });
    return value;
  }

  private ofNode(node: unknown): unknown {
    if (isScalar(node)) return this.scalar(node);
    if (!isMap(node) && !isSeq(node)) return null;
    if (++this.depth > MAX_DEPTH) {
      this.depth--;
      return this.fault(node, `nested deeper than ${MAX_DEPTH} levels`, true);
    }
    const value = isMap(node) ? this.map(node) : this.list(node);
    this.depth--;
    return value;
  }

  private scalar(node: Scalar): unknown {
    const { value, source, type } = node;
    if (type === Scalar.PLAIN && source !== undefined && node.tag === undefined) {
      const problem = ambiguity(source);
      if (problem !== undefined) this.fault(node, problem, false);
    }
    if (typeof value === 'number' && !Number.isFinite(value)) return this.fault(node, `${source} is no number of JSON`, false);
    return value;
  }

  private list(node: YAMLSeq): unknown[] {
    const items: unknown[] = [];
    const offsets: number[] = [];
    for (const item of node.items) {
      offsets.push(offsetOf(item));
      items.push(this.read(item));
    }
    this.places.set(items, offsets);
    if (node.range) this.ends.set(items, [node.range[0], node.range[1]]);
    return items;
  }

  private map(node: YAMLMap): Record<string, unknown> {
    const record: Record<string, unknown> = {};
    const offsets = new Map<string, number>();
    const merged: unknown[] = [];
    for (const { key, value } of node.items as Pair<ParsedNode, ParsedNode | null>[]) {
      const name = this.key(key);
      if (name === '<<' && isScalar(key) && key.type === Scalar.PLAIN) {
        merged.push(this.read(value));
        continue;
      }
      if (!offsets.has(name)) offsets.set(name, offsetOf(key));
      setField(record, name, this.read(value));
    }
    for (const other of merged.flat()) this.merge(record, offsets, other, node);
    this.places.set(record, inKeyOrder(record, offsets));
    if (node.range) this.ends.set(record, [node.range[0], node.range[1]]);
    return record;
  }

  /** `<<: *base`: fields of `other` that `record` has not. */
  private merge(record: Record<string, unknown>, offsets: Map<string, number>, other: unknown, node: YAMLMap): void {
    if (typeof other !== 'object' || other === null || Array.isArray(other)) {
      this.fault(node, '<< merges mappings only', false);
      return;
    }
    const places = this.places.get(other) ?? [];
    for (const [index, [key, value]] of Object.entries(other).entries()) {
      if (Object.hasOwn(record, key)) continue;
      setField(record, key, value);
      offsets.set(key, places[index] ?? offsetOf(node));
    }
  }

  private key(node: unknown): string {
    if (!isScalar(node)) {
      // `{{ .Values.x }}` is a mapping whose key is a mapping.
      this.fault(node, `a key must be text${isMap(node) ? `: ${TEMPLATE}` : ''}`, false);
      return '';
    }
    if (node.type !== Scalar.PLAIN) return String(node.value);
    const source = node.source ?? '';
    const problem = ambiguity(source);
    if (problem !== undefined) this.fault(node, problem, false);
    return source;
  }

  private alias(node: Alias): unknown {
    const target = this.anchors.get(node.source);
    if (!target) return this.fault(node, `there is no anchor ${JSON.stringify(node.source)} before this alias`, false);
    this.size += target.size;
    if (++this.aliases > MAX_ALIASES) return this.fault(node, `more than ${MAX_ALIASES} aliases in one document`, true);
    if (this.size > MAX_VALUES / 10) return this.fault(node, 'aliases of aliases stand for too many values', true);
    return target.value;
  }

  private fault(node: unknown, message: string, isFatal: boolean): null {
    this.faults.push({ message, offset: offsetOf(node), isFatal });
    return null;
  }
}

const offsetOf = (node: unknown): number => (node as { readonly range?: readonly number[] | null } | null)?.range?.[0] ?? 0;
