import { expect, test } from 'vitest';
import { pathOf, ROUTE_IDS } from './api-routes.ts';
import { openApiDocument } from './openapi.ts';

interface Operation {
  readonly operationId: string;
  readonly responses: Readonly<Record<string, unknown>>;
  readonly parameters: readonly { name: string; in: string; required?: boolean }[];
}
const document = openApiDocument() as {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, unknown> };
};

test('every route below /api/v1 is described, with what goes wrong', () => {
  const described = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(described.toSorted()).toEqual(ROUTE_IDS.filter((id) => pathOf(id).startsWith('/api/v1/')).toSorted());
  for (const operation of Object.values(document.paths).flatMap((methods) => Object.values(methods))) {
    expect(operation.responses).toHaveProperty('default');
    expect(Object.keys(operation.responses)).toHaveLength(2);
  }
});

test('operations have names of their own', () => {
  const names = Object.values(document.paths).flatMap((methods) => Object.values(methods).map(({ operationId }) => operationId));
  expect(new Set(names).size).toBe(names.length);
  expect(names).toContain('getClustersClusterFlowsStream');
});

test('every reference leads somewhere inside the document', () => {
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, reference]) => reference ?? '');
  expect(references.length).toBeGreaterThan(20);
  const known = new Set(Object.keys(document.components.schemas).map((name) => `#/components/schemas/${name}`));
  expect(references.filter((reference) => !known.has(reference))).toEqual([]);
});

test('parameters of paths and queries are described', () => {
  const parameters = document.paths['/api/v1/clusters/{cluster}/flows']?.['get']?.parameters ?? [];
  expect(parameters.map(({ name, in: place }) => `${place} ${name}`)).toEqual([
    'path cluster',
    'query from',
    'query to',
    'query range',
    'query filter',
    'query capture',
    'query limit',
    'query cursor',
  ]);
  expect(parameters.filter(({ required }) => required).map(({ name }) => name)).toEqual(['cluster']);
});
