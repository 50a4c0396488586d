import type { PolicyKind } from '#lib/policy/model.ts';
import { type Facts } from './facts.ts';
import { FIELDS, type Field, type Fields, type Known, START } from './fields.ts';
import { type YamlContext, yamlContext } from './yaml-context.ts';

/** What can be written at a place of a policy: fields by structure, values by what is really there. Pure. */

export interface Option {
  readonly label: string;
  /** What is written in place of what was typed. */
  readonly apply: string;
  readonly detail: string;
  readonly kind: 'field' | 'value' | 'seen';
}

export interface Completions {
  /** Where in the text what is replaced begins. */
  readonly from: number;
  readonly options: readonly Option[];
}

const NAMESPACE_KEY = 'k8s:io.kubernetes.pod.namespace';
const NAMESPACE_KEYS = new Set([NAMESPACE_KEY, 'io.kubernetes.pod.namespace', 'any:io.kubernetes.pod.namespace']);

/** Completions at `position`; undefined where nothing is known. Narrowing by what was typed is the caller's. */
export function completionsAt(text: string, position: number, facts: Facts): Completions | undefined {
  const context = yamlContext(text, position);
  if (!context) return undefined;
  const fields = isKind(context.kind) ? FIELDS[context.kind] : START;
  const options = optionsFor(context, fields, facts);
  return options.length === 0 ? undefined : { from: context.from, options };
}

const isKind = (kind: string): kind is PolicyKind => Object.hasOwn(FIELDS, kind);

function optionsFor(context: YamlContext, fields: Fields, facts: Facts): Option[] {
  const { path, writes, quote } = context;
  if (path.includes('matchLabels')) return labelOptions(context, facts);
  const field = fieldAt({ doc: '', keys: fields }, path);
  if (field === undefined) return [];
  if (writes === 'key' || field.keys !== undefined) return quote === '' ? fieldOptions(field, context) : [];
  return valueOptions(field, context, facts);
}

function fieldAt(field: Field, path: readonly string[]): Field | undefined {
  let at: Field | undefined = field;
  for (const part of path) at = part === '[]' ? at?.list : at?.keys && Object.hasOwn(at.keys, part) ? at.keys[part] : undefined;
  return at;
}

/** Where a map begins on the line of its key (`spec: |`) nothing is offered: it belongs below. */
function fieldOptions(field: Field, { writes, path, siblings }: YamlContext): Option[] {
  if (writes === 'value' && path.at(-1) !== '[]') return [];
  return Object.entries(field.keys ?? {})
    .filter(([key]) => !siblings.has(key))
    .map(([key, { doc, keys, list, labels }]) => ({
      label: key,
      apply: keys === undefined && list === undefined && !labels ? `${key}: ` : `${key}:`,
      detail: doc,
      kind: 'field',
    }));
}

function labelOptions({ path, writes, siblings, quote }: YamlContext, facts: Facts): Option[] {
  const key = path.at(-1) ?? '';
  if (writes === 'key' || key === 'matchLabels' || key === '[]') {
    const known = facts.labels.map(({ key: name, values }) => ({
      label: name,
      apply: `${name}: `,
      detail: values.length === 1 ? (values[0] ?? '') : `${values.length} values`,
      kind: 'seen' as const,
    }));
    const namespace = {
      label: NAMESPACE_KEY,
      apply: `${NAMESPACE_KEY}: `,
      detail: 'namespace of the peer',
      kind: 'field' as const,
    };
    return [...known, namespace].filter(({ label }) => !siblings.has(label));
  }
  return valuesOfLabel(key, facts).map((value) => seen(value, quote));
}

function valuesOfLabel(key: string, facts: Facts): readonly string[] {
  if (NAMESPACE_KEYS.has(key)) return facts.namespaces;
  const bare = key.replace(/^(?:k8s|any):/, '');
  return facts.labels.find((label) => label.key === bare)?.values ?? [];
}

function valueOptions({ values }: Field, { quote }: YamlContext, facts: Facts): Option[] {
  if (values === undefined) return [];
  if (typeof values !== 'string') {
    return values.map((value) => ({ label: value, apply: ended(value, quote), detail: '', kind: 'value' }));
  }
  return knownOf(values, facts).map(({ text, detail }) => ({ ...seen(text, quote, values === 'port'), detail }));
}

function knownOf(kind: Known, facts: Facts): readonly { text: string; detail: string }[] {
  const plain = (texts: readonly string[], detail = '') => texts.map((text) => ({ text, detail }));
  switch (kind) {
    case 'label-key':
      return facts.labels.map(({ key, values }) => ({ text: key, detail: `${values.length} values` }));
    case 'label-value':
      return plain([...new Set(facts.labels.flatMap(({ values }) => values))].slice(0, 500));
    case 'namespace':
      return plain(facts.namespaces);
    case 'port':
      return facts.ports.map(({ port, protocol, detail }) => ({ text: port, detail: `${protocol}, ${detail}` }));
    case 'name':
      return plain(facts.names, 'seen');
    case 'service':
      return facts.services.map(({ name, namespace }) => ({ text: name, detail: namespace }));
    case 'cidr':
      return plain(facts.cidrs, 'seen');
    case 'cidr-group':
      return plain(facts.cidrGroups);
  }
}

/** Plain where YAML reads it as the text it is, else quoted. A port is a number to YAML and must be text in CRDs of Cilium. */
const PLAIN = /^[A-Za-z_/][\w./-]*$/;
const AMBIGUOUS = /^(?:true|false|yes|no|on|off|null|y|n|~)$/i;

const seen = (value: string, quote: YamlContext['quote'], quoteAlways = false): Option => ({
  label: value,
  apply:
    quote !== ''
      ? ended(value, quote)
      : quoteAlways || !PLAIN.test(value) || AMBIGUOUS.test(value)
        ? JSON.stringify(value)
        : value,
  detail: '',
  kind: 'seen',
});

/** The quote that was opened is closed; the editor writes over one that stands there already. */
const ended = (value: string, quote: YamlContext['quote']): string =>
  quote === '"' ? `${JSON.stringify(value).slice(1, -1)}"` : quote === "'" ? `${value.replaceAll("'", "''")}'` : value;
