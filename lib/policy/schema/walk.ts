import { nearest } from '#lib/flow/nearest.ts';
import { isRecord, type Layer, type Problems, shown } from './problems.ts';
import { at, type Path } from './path.ts';
import type { ListShape, ObjectShape, Shape, TextShape } from './shape.ts';
import { isLabelValue } from './words.ts';

/** Layers that speak up: where the form is broken (a value of another kind, which the agent cannot decode either), and where a value is refused. */
export interface WalkLayers {
  readonly form: readonly Layer[];
  readonly values: readonly Layer[];
}

/** Compares a value with the form its kind of object has; unknown fields are `lint`, as the API server drops them without a word. */
export function walk(value: unknown, shape: Shape, path: Path | undefined, layers: WalkLayers, problems: Problems): void {
  const expected = EXPECTED[shape.kind];
  if (!expected.is(value)) {
    const nullProblem = value === null ? (shape as Partial<ObjectShape>).nullClass : undefined;
    // The agent reads a null selector as one without requirements, and a null element as an empty one.
    if (value === null) problems.add(layers.values, nullProblem ?? 'wrong-type', path, `must be ${expected.says}, not null`);
    else problems.add(layers.form, classOf(shape), path, `must be ${expected.says}, not ${shown(value)}`);
    return;
  }
  switch (shape.kind) {
    case 'object':
      walkObject(value as Readonly<Record<string, unknown>>, shape, path, layers, problems);
      break;
    case 'list':
      walkList(value as readonly unknown[], shape, path, layers, problems);
      break;
    case 'text':
      checkText(value as string, shape, path, layers, problems);
      break;
    case 'text-or-integer':
      if (typeof value === 'string' && !shape.is(value))
        problems.add(layers.values, shape.class, path, `${shown(value)} is not ${shape.says}`);
      break;
    case 'integer':
      checkInteger(value as number, shape, path, layers, problems);
      break;
    case 'labels':
      checkLabels(value as Readonly<Record<string, unknown>>, shape.class, path, layers, problems);
      break;
    case 'texts':
      for (const [key, item] of Object.entries(value as object))
        if (typeof item !== 'string') problems.add(layers.form, 'wrong-type', at(path, key), `must be text, not ${shown(item)}`);
      break;
    case 'boolean':
    case 'any':
      break;
  }
}

const EXPECTED: Readonly<Record<Shape['kind'], { readonly says: string; readonly is: (value: unknown) => boolean }>> = {
  object: { says: 'a mapping', is: isRecord },
  list: { says: 'a list', is: (value) => Array.isArray(value) },
  text: { says: 'text', is: (value) => typeof value === 'string' },
  integer: { says: 'a whole number', is: (value) => Number.isInteger(value) },
  'text-or-integer': { says: 'text or a whole number', is: (value) => typeof value === 'string' || Number.isInteger(value) },
  boolean: { says: 'true or false', is: (value) => typeof value === 'boolean' },
  labels: { says: 'a mapping', is: isRecord },
  texts: { says: 'a mapping', is: isRecord },
  any: { says: 'anything', is: () => true },
};

/** A number where a text belongs is most often a port or a label without quotes. */
const classOf = (shape: Shape): string => ('class' in shape && shape.class !== undefined ? shape.class : 'wrong-type');

function walkObject(
  value: Readonly<Record<string, unknown>>,
  shape: ObjectShape,
  path: Path | undefined,
  layers: WalkLayers,
  problems: Problems,
): void {
  const present: string[] = [];
  for (const [key, item] of Object.entries(value)) {
    const field = Object.hasOwn(shape.fields, key) ? shape.fields[key] : undefined;
    if (!field) {
      problems.add('lint', 'unknown-field', at(path, key), unknownField(key, shape));
      continue;
    }
    if (item === null && !(field as Partial<ObjectShape>).nullClass) continue;
    present.push(key);
    walk(item, field, at(path, key), layers, problems);
  }
  for (const key of shape.required ?? [])
    if (!present.includes(key)) problems.add(layers.values, shape.class ?? 'missing-field', path, `${key} is missing`);
  if (shape.anyOf && !shape.anyOf.some((key) => present.includes(key)))
    problems.add(layers.values, shape.class ?? 'missing-field', path, `needs at least one of ${inWords(shape.anyOf, 'and')}`);
  if (shape.oneOf) {
    const chosen = shape.oneOf.filter((key) => present.includes(key));
    if (chosen.length !== 1)
      problems.add(
        layers.values,
        shape.oneOfClass?.(present) ?? shape.class ?? 'missing-field',
        path,
        chosen.length === 0 ? `needs one of ${inWords(shape.oneOf, 'and')}` : `may have only one of ${inWords(chosen, 'and')}`,
      );
  }
}

function unknownField(key: string, shape: ObjectShape): string {
  const [suggestion] = nearest(key, Object.keys(shape.fields), 1);
  return `there is no field ${shown(key)} here: it is dropped without a word${suggestion ? `; did you mean ${suggestion}?` : ''}`;
}

export const inWords = (names: readonly string[], last: string): string =>
  names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} ${last} ${names.at(-1) ?? ''}`;

function walkList(
  items: readonly unknown[],
  shape: ListShape,
  path: Path | undefined,
  layers: WalkLayers,
  problems: Problems,
): void {
  if (shape.max !== undefined && items.length > shape.max)
    problems.add(
      layers.values,
      classOf(shape),
      path,
      shape.max === 0 ? 'was removed: it must be empty' : `${items.length} elements: at most ${shape.max} are possible`,
    );
  if (shape.min !== undefined && items.length < shape.min) problems.add(layers.values, classOf(shape), path, 'must not be empty');
  for (const [index, item] of items.entries()) walk(item, shape.item, at(path, index), layers, problems);
}

function checkText(value: string, shape: TextShape, path: Path | undefined, layers: WalkLayers, problems: Problems): void {
  if (shape.oneOf && !shape.oneOf.includes(value)) {
    const [suggestion] = nearest(value, shape.oneOf, 1);
    const hint = suggestion ? `; did you mean ${suggestion}?` : '';
    problems.add(layers.values, classOf(shape), path, `${shown(value)} is none of ${inWords(shape.oneOf, 'and')}${hint}`);
  }
  if (shape.is && !shape.is(value))
    problems.add(layers.values, classOf(shape), path, `${shown(value)} is not ${shape.says ?? 'valid'}`);
}

function checkInteger(
  value: number,
  { min, max, class: problem = 'wrong-type' }: Extract<Shape, { kind: 'integer' }>,
  path: Path | undefined,
  layers: WalkLayers,
  problems: Problems,
): void {
  if (Math.abs(value) > 0x7f_ff_ff_ff) problems.add(layers.form, problem, path, `${value} is not between ${min} and ${max}`);
  else if (value < min || value > max)
    problems.add(layers.values, problem, path, value > max ? `${value} is above ${max}` : `${value} is below ${min}`);
}

function checkLabels(
  labels: Readonly<Record<string, unknown>>,
  problem: string,
  path: Path | undefined,
  layers: WalkLayers,
  problems: Problems,
): void {
  for (const [key, value] of Object.entries(labels)) {
    // A null value is read as the empty text by the agent.
    if (value === null) problems.add(layers.values, problem, at(path, key), 'must be text, not null');
    else if (typeof value !== 'string')
      problems.add(layers.form, problem, at(path, key), `must be text, not ${shown(value)}: put it in quotes`);
    else if (!isLabelValue(value))
      problems.add(
        layers.values,
        problem,
        at(path, key),
        `${shown(value)} is not a label value: at most 63 letters, digits, "-", "_" and "."`,
      );
  }
}
