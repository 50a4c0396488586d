/**
 * The form of objects as data: what the API server checks by a CRD's structural schema. `walk.ts` reads it. A field that is `null` counts as absent,
 * as the API server drops it; an element of a list that is `null` does not.
 */
export type Shape =
  | ObjectShape
  | ListShape
  | TextShape
  | { readonly kind: 'integer'; readonly min: number; readonly max: number; readonly class?: string }
  | { readonly kind: 'text-or-integer'; readonly is: (text: string) => boolean; readonly says: string; readonly class: string }
  | { readonly kind: 'boolean' }
  /** `key` to a label value. */
  | { readonly kind: 'labels'; readonly class: string }
  /** Texts by keys of any name. */
  | { readonly kind: 'texts' }
  /** Not looked into. */
  | { readonly kind: 'any' };

export interface ObjectShape {
  readonly kind: 'object';
  readonly fields: Readonly<Record<string, Shape>>;
  /** Fields that must be there. */
  readonly required?: readonly string[];
  /** Exactly one of these fields must be there. */
  readonly oneOf?: readonly string[];
  /** At least one of these fields must be there. */
  readonly anyOf?: readonly string[];
  /** Class of its problems, where it has one of its own. */
  readonly class?: string;
  /** Class of a broken `oneOf`, by the fields of the object that are there. */
  readonly oneOfClass?: (present: readonly string[]) => string;
  /** Class of a `null` in place of it. */
  readonly nullClass?: string;
}

export interface ListShape {
  readonly kind: 'list';
  readonly item: Shape;
  readonly min?: number;
  readonly max?: number;
  readonly class?: string;
}

export interface TextShape {
  readonly kind: 'text';
  /** What the text must satisfy, and how that is said after its name: `must be ...`. */
  readonly is?: (text: string) => boolean;
  readonly says?: string;
  readonly oneOf?: readonly string[];
  readonly class?: string;
}

export const object = (fields: ObjectShape['fields'], more: Omit<ObjectShape, 'kind' | 'fields'> = {}): ObjectShape => ({
  kind: 'object',
  fields,
  ...more,
});
export const list = (item: Shape, more: Omit<ListShape, 'kind' | 'item'> = {}): ListShape => ({ kind: 'list', item, ...more });
export const text = (more: Omit<TextShape, 'kind'> = {}): TextShape => ({ kind: 'text', ...more });
export const choice = (values: readonly string[], problem: string): TextShape => text({ oneOf: values, class: problem });
