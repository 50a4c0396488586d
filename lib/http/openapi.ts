import { z } from 'zod';
import { Capture, CaptureInput, CaptureList } from '#lib/api/captures.ts';
import {
  Cluster,
  ClusterInput,
  ClusterList,
  ClusterStatus,
  NamespaceList,
  NodeInfo,
  NodeList,
  RelayTarget,
} from '#lib/api/clusters.ts';
import { Coverage, Problem } from '#lib/api/common.ts';
import { DropPair, DropsReport } from '#lib/api/drops.ts';
import { FlowBatch, FlowJson, FlowPage, GapEvent } from '#lib/api/flows.ts';
import {
  Grant,
  Me,
  Member,
  MemberList,
  SessionInfo,
  SessionList,
  TokenCreated,
  TokenInfo,
  TokenInput,
  TokenList,
} from '#lib/api/people.ts';
import { RelayCheck } from '#lib/api/relay-check.ts';
import { Timeline } from '#lib/api/timeline.ts';
import { MapEdgeJson, MapNodeJson, NetworkMap, TopologyDeltaJson, TopologyJson } from '#lib/api/topology.ts';
import { type ApiRoute, methodOf, pathOf, querySchemaOf, ROUTE_IDS, type RouteId, routeOf } from './api-routes.ts';

type Json = Record<string, unknown>;

/** Schemas with a name of their own in the document; the rest stands where it is used. */
const NAMED = {
  Capture,
  CaptureInput,
  CaptureList,
  Cluster,
  ClusterInput,
  ClusterList,
  ClusterStatus,
  Coverage,
  DropPair,
  DropsReport,
  FlowBatch,
  FlowJson,
  FlowPage,
  GapEvent,
  Grant,
  MapEdgeJson,
  MapNodeJson,
  Me,
  Member,
  MemberList,
  NamespaceList,
  NetworkMap,
  NodeInfo,
  NodeList,
  Problem,
  RelayCheck,
  RelayTarget,
  SessionInfo,
  SessionList,
  Timeline,
  TokenCreated,
  TokenInfo,
  TokenInput,
  TokenList,
  TopologyDeltaJson,
  TopologyJson,
} satisfies Record<string, z.ZodType>;

/** OpenAPI 3.1, out of the table of routes and the schemas that validate them. */
export function openApiDocument(): Json {
  const paths: Record<string, Json> = {};
  for (const id of ROUTE_IDS.filter((each) => pathOf(each).startsWith('/api/v1/'))) {
    paths[pathOf(id)] = { ...paths[pathOf(id)], [methodOf(id).toLowerCase()]: operationOf(id, routeOf(id)) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Causeway',
      version: '1',
      description:
        'Flows, service map and drops of Cilium clusters. Errors are problem details (RFC 9457). Call it with a token (`Authorization: Bearer cwy_...`) or from a signed-in browser.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    security: [{ token: [] }, { session: [] }],
    paths,
    components: { schemas: componentSchemas(), securitySchemes: SECURITY_SCHEMES },
  };
}

const SECURITY_SCHEMES = {
  token: { type: 'http', scheme: 'bearer', description: 'An API token, `cwy_<id>_<secret>`.' },
  session: {
    type: 'apiKey',
    in: 'cookie',
    name: 'causeway-session',
    description: 'The session of a signed-in browser; its name also carries the port or `__Host-`.',
  },
};

function operationOf(id: RouteId, route: ApiRoute): Json {
  const path = pathOf(id);
  return {
    operationId: operationId(id),
    summary: route.summary,
    ...(route.access === 'public' && { security: [] }),
    ...(!['public', 'signed-in'].includes(route.access) && { 'x-action': route.access }),
    parameters: [...pathParameters(path), ...queryParameters(id), ...headerParameters(id, route)],
    ...(route.body && { requestBody: requestBody(route) }),
    responses: {
      [String(route.status ?? 200)]: success(route),
      default: { description: 'What went wrong.', content: { 'application/problem+json': { schema: refOf(Problem) } } },
    },
  };
}

/** `GET /api/v1/clusters/{cluster}/flows` is `getClustersClusterFlows`. */
function operationId(id: RouteId): string {
  const words = pathOf(id)
    .replace('/api/v1', '')
    .split(/[^A-Za-z0-9]+/)
    .filter(Boolean);
  return methodOf(id).toLowerCase() + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}

const pathParameters = (path: string): Json[] =>
  [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({ name, in: 'path', required: true, schema: { type: 'string' } }));

function queryParameters(id: RouteId): Json[] {
  const { properties = {}, required = [] } = z.toJSONSchema(querySchemaOf(id), { io: 'input', target: 'draft-2020-12' });
  return Object.entries(properties).map(([name, schema]) => ({ name, in: 'query', required: required.includes(name), schema }));
}

function headerParameters(id: RouteId, route: ApiRoute): Json[] {
  const header = (name: string, description: string, required = false) => ({
    name,
    in: 'header',
    required,
    description,
    schema: { type: 'string' },
  });
  return [
    ...(route.creates ? [header('Idempotency-Key', 'A repeat with the same key gets the first answer again.')] : []),
    ...(methodOf(id) === 'PUT' ? [header('If-Match', 'ETag of the version that is edited.', true)] : []),
    ...(route.produces === 'text/event-stream' ? [header('Last-Event-ID', 'Resume after this event.')] : []),
  ];
}

function requestBody(route: ApiRoute): Json {
  const uploads = (route.upload ?? []).map((type) => [type, { schema: {} }] as const);
  return { required: true, content: { 'application/json': { schema: refOf(route.body) }, ...Object.fromEntries(uploads) } };
}

function success({ status, response, produces }: ApiRoute): Json {
  if (status === 204) return { description: 'Done.' };
  const content = response
    ? { 'application/json': { schema: refOf(response) } }
    : { [produces ?? 'application/json']: { schema: {} } };
  return { description: 'The answer.', content };
}

/** The schema by its name where it has one. */
function refOf(schema: z.ZodType | undefined): Json {
  const name = Object.entries(NAMED).find(([, named]) => named === schema)?.[0];
  return name
    ? { $ref: `#/components/schemas/${name}` }
    : bare(z.toJSONSchema(schema ?? z.unknown(), { io: 'input', target: 'draft-2020-12' }));
}

function componentSchemas(): Record<string, Json> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(NAMED)) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, {
    io: 'input',
    target: 'draft-2020-12',
    uri: (id) => `#/components/schemas/${id}`,
  });
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, bare(schema)]));
}

/** Inside an OpenAPI document a schema is named by its place and takes the document's dialect. */
function bare({ $schema: _dialect, $id: _id, id: _name, ...schema }: Json): Json {
  return schema;
}
