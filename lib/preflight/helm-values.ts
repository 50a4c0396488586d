import { type JsonRecord, recordOf } from '#lib/flow/json-record.ts';
import { own } from '#lib/world/object.ts';
import type { HelmValues } from './inputs.ts';

/** Values of a chart as the record that YAML or JSON made of them. */
export const helmValues = (json: JsonRecord): HelmValues => ({
  json,
  get: (path) => path.split('.').reduce<unknown>((value, key) => own(recordOf(value), key), json),
});
