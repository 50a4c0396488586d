import 'server-only';
import { LineCounter, parseAllDocuments } from 'yaml';
import { messageOf } from '#lib/errors/errors.ts';
import { listOf, recordOf } from '#lib/flow/json-record.ts';
import type { KubeObject } from './object.ts';
import { trimmed } from './trim.ts';

/** What cannot be read of a text, and where; lines count from 1. */
export interface DocumentProblem {
  readonly message: string;
  readonly line?: number;
}

export interface ReadDocuments {
  readonly objects: readonly KubeObject[];
  readonly problems: readonly DocumentProblem[];
  /** Kinds of which a list says that there are none (`NodePoolList` without items); absent where no list does. */
  readonly none?: readonly string[];
}

/** Building YAML takes a hundred times the memory of its text; JSON is read by the engine itself. */
const MOST_YAML = 24 * 1024 * 1024;
const MOST_OBJECTS = 300_000;
/** kubectl writes no aliases at all; people write a few. */
const MOST_ALIASES = 100;

/**
 * The Kubernetes objects of a text as kubectl prints them: JSON or YAML, one object, a list, or several documents. Lists in lists are opened. What
 * is no object is a problem, and so is a text that is too large; whoever asks takes all of it or nothing.
 */
export function readDocuments(text: string): ReadDocuments {
  const body = text.replace(/^\ufeff/, '');
  const values = /^\s*[{[]/.test(body) ? readJson(body) : readYaml(body);
  if ('problems' in values) return { objects: [], problems: values.problems };
  const objects: KubeObject[] = [];
  const problems: DocumentProblem[] = [];
  const none = new Set<string>();
  for (const { value, line } of values.documents) {
    if (value === null || value === undefined) continue; // an empty document between two `---`
    collect(value, { objects, none }, (message) => problems.push({ message, ...(line !== undefined && { line }) }));
    if (objects.length > MOST_OBJECTS)
      return { objects: [], problems: [{ message: `there are more than ${MOST_OBJECTS} objects` }] };
  }
  if (problems.length > 0) return { objects: [], problems: problems.slice(0, 20) };
  return { objects, problems, ...(none.size > 0 && { none: [...none] }) };
}

interface Collected {
  readonly objects: KubeObject[];
  readonly none: Set<string>;
}

type Values =
  | { readonly documents: readonly { readonly value: unknown; readonly line?: number }[] }
  | { readonly problems: readonly DocumentProblem[] };

function readJson(text: string): Values {
  try {
    return { documents: [{ value: JSON.parse(text) }] };
  } catch (error) {
    // Flow style is YAML too, and several JSON documents after one another are as well: let it say where it breaks.
    return text.length > MOST_YAML ? { problems: [{ message: `not JSON: ${messageOf(error)}` }] } : readYaml(text);
  }
}

function readYaml(text: string): Values {
  if (text.length > MOST_YAML) {
    const size = Math.ceil(text.length / 1024 / 1024);
    return {
      problems: [{ message: `${size} MB of YAML is too much to read at once; use kubectl get -o json, or several files` }],
    };
  }
  const counter = new LineCounter();
  try {
    const parsed = parseAllDocuments(text, { lineCounter: counter, uniqueKeys: true, prettyErrors: false, stringKeys: true });
    const documents = Array.isArray(parsed) ? parsed : [];
    const problems = documents.flatMap(({ errors }) =>
      errors.map(({ message, pos: [start] }) => ({ message, line: counter.linePos(start).line })),
    );
    if (problems.length > 0) return { problems: problems.slice(0, 20) };
    return {
      documents: documents.map((document) => {
        const line = counter.linePos(document.contents?.range?.[0] ?? document.range[0]).line;
        return { value: document.toJS({ maxAliasCount: MOST_ALIASES }) as unknown, line };
      }),
    };
  } catch (error) {
    return { problems: [{ message: messageOf(error) }] };
  }
}

/** Puts the objects of a value where the others are. */
function collect(value: unknown, into: Collected, problem: (message: string) => void): void {
  if (Array.isArray(value)) {
    for (const item of value as unknown[]) collect(item, into, problem);
    return;
  }
  const record = recordOf(value);
  const kind = record?.['kind'];
  if (!record || typeof kind !== 'string') return problem('not a Kubernetes object: it has no kind');
  if (kind.endsWith('List') && Array.isArray(record['items'])) {
    const itemKind = kind.slice(0, -'List'.length);
    const defaults = itemKind ? { apiVersion: record['apiVersion'], kind: itemKind } : {};
    const items = listOf(record['items']);
    if (items.length === 0 && itemKind !== '') into.none.add(itemKind.slice(0, 100));
    for (const item of items) collect({ ...defaults, ...recordOf(item) }, into, problem);
    return;
  }
  const metadata = recordOf(record['metadata']);
  const name = metadata?.['name'];
  if (!metadata || typeof name !== 'string' || name === '') return problem(`a ${kind.slice(0, 100)} without metadata.name`);
  const namespace = metadata['namespace'];
  if (namespace !== undefined && namespace !== null && typeof namespace !== 'string')
    return problem(`${kind.slice(0, 100)} ${name.slice(0, 300)}: metadata.namespace is no text`);
  const apiVersion = typeof record['apiVersion'] === 'string' ? record['apiVersion'] : '';
  into.objects.push(trimmed({ ...record, apiVersion, kind, metadata: { ...metadata, name } }));
}
