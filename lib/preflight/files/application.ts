import { type JsonRecord, recordOf } from '#lib/flow/json-record.ts';
import { setField } from '#lib/policy/parse/read.ts';
import { objectText } from '#lib/world/labels.ts';
import { own, part, parts, textsIn } from '#lib/world/object.ts';
import { helmValues } from '../helm-values.ts';
import type { HelmValues } from '../inputs.ts';
import { problemText, read, type Reading, unreadable } from './reading.ts';
import { readYamlText } from './yaml-text.ts';

/** What an Argo CD Application installs. */
export interface ApplicationFile {
  readonly name: string;
  /** `valuesObject` or `values`, with `parameters` on top. */
  readonly values: HelmValues;
  /** Version of the chart; empty where it is a branch or not set. */
  readonly targetRevision: string;
  readonly namespace: string;
  /** Files of values that it names and that are not in it: what they set is not known. */
  readonly valueFiles: readonly string[];
}

/** An Argo CD Application (YAML or JSON) with the chart `cilium`. */
export function readApplication(text: string): Reading<ApplicationFile> {
  const documents = readYamlText(text);
  if (!documents.ok) return documents;
  const application = documents.value.map(recordOf).find((record) => own(record, 'kind') === 'Application');
  if (!application) return unreadable('there is no object of kind Application in this file');
  const spec = part(application, 'spec');
  const sources = [...parts(spec, 'sources'), ...(part(spec, 'source') ? [part(spec, 'source')] : [])];
  const source = sources.find((each) => own(each, 'chart') === 'cilium') ?? sources.find((each) => part(each, 'helm'));
  if (!source) return unreadable('the Application has no source with Helm values');
  const helm = part(source, 'helm');
  const values = valuesOf(helm);
  if (!values.ok) return values;
  return read({
    name: objectText(own(part(application, 'metadata'), 'name')),
    values: helmValues(withParameters(values.value, parts(helm, 'parameters'))),
    targetRevision: objectText(own(source, 'targetRevision')),
    namespace: objectText(own(part(spec, 'destination'), 'namespace')),
    valueFiles: textsIn(helm, 'valueFiles'),
  });
}

/** Argo CD takes `valuesObject` for `values` where both are set. */
function valuesOf(helm: JsonRecord | undefined): Reading<JsonRecord> {
  const object = part(helm, 'valuesObject');
  if (object) return read(object);
  const text = own(helm, 'values');
  if (typeof text !== 'string' || text.trim() === '') return read({});
  const documents = readYamlText(text);
  if (!documents.ok) return unreadable(`in helm.values, ${problemText(documents.problem)}`);
  const record = recordOf(documents.value[0]);
  return record || documents.value.length === 0 ? read(record ?? {}) : unreadable('helm.values is no mapping of settings');
}

/** `parameters` outweigh values: `a.b\.c` is the field `b.c` of `a`. Lists (`a[0]`) are left alone. */
function withParameters(values: JsonRecord, parameters: readonly JsonRecord[]): JsonRecord {
  let result = values;
  for (const parameter of parameters) {
    const name = objectText(own(parameter, 'name'));
    const value = own(parameter, 'value');
    if (name === '' || name.includes('[') || typeof value !== 'string') continue;
    const path = name.split(/(?<!\\)\./).map((key) => key.replaceAll('\\.', '.'));
    if (path.length <= 20) result = withField(result, path, own(parameter, 'forceString') === true ? value : scalar(value));
  }
  return result;
}

function withField(record: JsonRecord, [key = '', ...rest]: readonly string[], value: unknown): JsonRecord {
  const copy: Record<string, unknown> = {};
  for (const [name, item] of Object.entries(record)) setField(copy, name, item);
  setField(copy, key, rest.length === 0 ? value : withField(recordOf(own(record, key)) ?? {}, rest, value));
  return copy;
}

/** As `helm --set` reads it. */
function scalar(text: string): unknown {
  if (text === 'true' || text === 'false') return text === 'true';
  if (text === 'null') return null;
  return /^-?[1-9]\d{0,14}$|^0$/.test(text) ? Number(text) : text;
}
