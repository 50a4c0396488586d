import { expect, test } from 'vitest';
import { z } from 'zod';
import { openApiDocument } from './openapi.ts';

/**
 * The structure that OpenAPI 3.1.0 asks of a document, as far as this one goes (https://spec.openapis.org/oas/v3.1.0): strict, so that a
 * misspelt field is found.
 */
const Reference = z.strictObject({ $ref: z.string().regex(/^#\/components\/schemas\/[A-Za-z0-9._-]+$/) });
const Schema = z.union([Reference, z.record(z.string(), z.unknown())]);
const MediaTypes = z.record(z.string().regex(/^[a-z]+\/[a-z0-9.+-]+$/), z.strictObject({ schema: Schema.optional() }));
const Parameter = z.strictObject({
  name: z.string().min(1),
  in: z.enum(['query', 'header', 'path', 'cookie']),
  required: z.boolean().optional(),
  description: z.string().optional(),
  schema: Schema,
});
const Response = z.strictObject({
  description: z.string().min(1),
  headers: z.record(z.string(), z.strictObject({ description: z.string().optional(), schema: Schema })).optional(),
  content: MediaTypes.optional(),
});
const Security = z.array(z.record(z.string(), z.array(z.string())));
const Operation = z.looseObject({
  operationId: z.string().regex(/^[a-z][A-Za-z0-9]+$/),
  summary: z.string().min(1),
  parameters: z.array(Parameter),
  requestBody: z
    .strictObject({ required: z.boolean().optional(), description: z.string().optional(), content: MediaTypes })
    .optional(),
  responses: z.record(z.string().regex(/^([1-5]\d\d|[1-5]XX|default)$/), Response),
  security: Security.optional(),
});
const OPERATION_FIELDS = /^(operationId|summary|description|tags|parameters|requestBody|responses|security|deprecated|x-.+)$/;
const SecurityScheme = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('http'), scheme: z.string(), description: z.string().optional() }),
  z.strictObject({
    type: z.literal('apiKey'),
    in: z.enum(['query', 'header', 'cookie']),
    name: z.string(),
    description: z.string().optional(),
  }),
]);
const Document = z.strictObject({
  openapi: z.string().regex(/^3\.1\.\d+$/),
  info: z.strictObject({
    title: z.string().min(1),
    version: z.string().min(1),
    description: z.string().optional(),
    license: z.strictObject({ name: z.string(), identifier: z.string().optional() }).optional(),
  }),
  security: Security,
  paths: z.record(z.string().regex(/^\//), z.partialRecord(z.enum(['get', 'put', 'post', 'delete', 'patch']), Operation)),
  components: z.strictObject({
    schemas: z.record(z.string().regex(/^[A-Za-z0-9._-]+$/), z.record(z.string(), z.unknown())),
    securitySchemes: z.record(z.string(), SecurityScheme),
  }),
});

// As it is sent: JSON, without what is undefined.
const document = Document.parse(JSON.parse(JSON.stringify(openApiDocument())));
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
);

test('operations have no field that OpenAPI does not know', () => {
  const fields = new Set(operations.flatMap(({ operation }) => Object.keys(operation)));
  expect([...fields].filter((field) => !OPERATION_FIELDS.test(field))).toEqual([]);
});

test('parameters are unique, those of a path are all there, required, and no others', () => {
  for (const { path, method, operation } of operations) {
    const names = operation.parameters.map(({ name, in: place }) => `${place} ${name}`);
    expect([path, method, new Set(names).size]).toEqual([path, method, names.length]);
    const inPath = operation.parameters.filter(({ in: place }) => place === 'path');
    expect(inPath.map(({ name }) => `{${name}}`)).toEqual(path.match(/\{\w+\}/g) ?? []);
    expect(inPath.every(({ required }) => required === true)).toBe(true);
  }
});

/** Commands whose path says everything. */
const BODILESS: ReadonlySet<string> = new Set([
  'postClustersClusterMigrationPhasesPhaseEvaluation',
  'postWebhooksWebhookDeliveriesDelivery',
]);

test('a body is described where there is one, and only there', () => {
  for (const { method, operation } of operations) {
    const takesBody = !BODILESS.has(operation.operationId) && method !== 'get' && method !== 'delete';
    expect([operation.operationId, operation.requestBody !== undefined]).toEqual([operation.operationId, takesBody]);
    expect(Object.keys(operation.responses['204']?.content ?? {})).toEqual([]);
  }
});

test('security names schemes that are defined', () => {
  const named = [document.security, ...operations.map(({ operation }) => operation.security ?? [])]
    .flat()
    .flatMap((entry) => Object.keys(entry));
  expect(named.length).toBeGreaterThan(0);
  expect(named.filter((name) => !(name in document.components.securitySchemes))).toEqual([]);
});

test('the structure check finds what is wrong', () => {
  const wrong = {
    ...document,
    paths: { '/x': { get: { operationId: 'x', summary: 'x', parameters: [{ name: 'q' }], responses: {} } } },
  };
  expect(Document.safeParse(wrong).success).toBe(false);
});
