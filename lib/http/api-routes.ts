import { z } from 'zod';
import { AuditExportQuery, AuditLogPage, AuditLogQuery, AuditVerification } from '#lib/api/audit-log.ts';
import { Capture, CaptureInput, CaptureList } from '#lib/api/captures.ts';
import { Cluster, ClusterInput, ClusterList, ClusterStatus, NamespaceList, NodeList, RelayTarget } from '#lib/api/clusters.ts';
import { ClusterId, Problem, Title } from '#lib/api/common.ts';
import { DropsQuery, DropsReport } from '#lib/api/drops.ts';
import { FlowPage, FlowsQuery, FlowStreamQuery } from '#lib/api/flows.ts';
import {
  LintReport,
  PoliciesQuery,
  PolicyDetail,
  PolicyList,
  PolicySet,
  PolicySetInput,
  PolicySetList,
  PolicySource,
  PolicyVersionText,
  UploadReport,
  WouldDeny,
} from '#lib/api/policies.ts';
import { Me, MemberList, SessionList, TokenCreated, TokenInput, TokenList } from '#lib/api/people.ts';
import { RelayCheck } from '#lib/api/relay-check.ts';
import { Timeline, TimelineQuery } from '#lib/api/timeline.ts';
import { NetworkMap, TopologyJson, TopologyQuery } from '#lib/api/topology.ts';
import {
  AuditQuery,
  AuditReport,
  Explanation,
  JudgeInputForm,
  JudgeInputQuery,
  ReachMatrix,
  ReachQuery,
  SuggestInput,
  Suggestion,
  WhatIfInput,
  WhatIfReport,
  WhyQuery,
} from '#lib/api/what-if.ts';
import { Webhook, WebhookCreated, WebhookDeliveryList, WebhookInput, WebhookList } from '#lib/api/webhooks.ts';
import type { Action } from '#lib/auth/authorize.ts';
import { MIGRATION_ROUTES } from './migration-routes.ts';
import { RECEIPT_ROUTES } from './receipt-routes.ts';
import type { LimitKind } from './rate-limit.ts';

/** A route of `app/`: who may call it, what it takes and what it answers. Rules, handlers, tests and the OpenAPI document all read this. */
export interface ApiRoute {
  readonly summary: string;
  /** The action it is; `signed-in` for what is the caller's own or filtered by rights; `public` for everybody. */
  readonly access: Action | 'signed-in' | 'public';
  /**
   * What the action is done to: the cluster of the path where it has one, else the organisation. `body`: the cluster the body describes,
   * and that of the path too. `anywhere`: any place where the caller has the role.
   */
  readonly on?: 'body' | 'anywhere';
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  /** Media types of a body that is passed on as a stream instead. */
  readonly upload?: readonly string[];
  readonly response?: z.ZodType;
  /** Media type of an answer that is not described by `response`. */
  readonly produces?: string;
  /** Status of success when it is not 200. */
  readonly status?: 201 | 202 | 204;
  /** Takes an Idempotency-Key. */
  readonly creates?: true;
  /** The answer holds a secret that is shown once and never stored. */
  readonly secretAnswer?: true;
  readonly limit?: LimitKind;
}

const NoQuery = z.object({});
const TopologyStreamQuery = TopologyQuery.pick({ level: true });
const CaptureQuery = z.object({ name: Title.optional() });

/** `METHOD /path` with `{parameters}`, as OpenAPI writes them. The file is the path below `app/` with `[parameters]`. */
export const API_ROUTES = {
  'GET /api/v1/me': { summary: 'Who is calling, with which rights', access: 'signed-in', response: Me },

  'GET /api/v1/clusters': {
    summary: 'Clusters the caller may see, with the state of each relay',
    access: 'signed-in',
    response: ClusterList,
  },
  'POST /api/v1/clusters': {
    summary: 'Add a cluster',
    access: 'cluster.manage',
    on: 'body',
    body: ClusterInput,
    response: Cluster,
    status: 201,
    creates: true,
  },
  'GET /api/v1/clusters/{cluster}': {
    summary: 'One cluster; its ETag is what an edit sends as If-Match',
    access: 'cluster.read',
    response: Cluster,
  },
  'PUT /api/v1/clusters/{cluster}': {
    summary: 'Change a cluster (If-Match)',
    access: 'cluster.manage',
    on: 'body',
    body: ClusterInput,
    response: Cluster,
  },
  'DELETE /api/v1/clusters/{cluster}': {
    summary: 'Remove a cluster; its stored traffic ages out',
    access: 'cluster.manage',
    status: 204,
  },
  'GET /api/v1/clusters/{cluster}/status': {
    summary: 'Relay, rates and coverage now',
    access: 'flows.read',
    response: ClusterStatus,
  },
  'GET /api/v1/clusters/{cluster}/nodes': { summary: 'Nodes behind the relay', access: 'flows.read', response: NodeList },
  'GET /api/v1/clusters/{cluster}/namespaces': { summary: 'Namespaces seen', access: 'flows.read', response: NamespaceList },
  'GET /api/v1/clusters/{cluster}/flows': {
    summary: 'Flows, newest first, from the ring or a capture',
    access: 'flows.read',
    query: FlowsQuery,
    response: FlowPage,
  },
  'GET /api/v1/clusters/{cluster}/flows/stream': {
    summary: 'Flows as they come: events flows, status, gap; resumes from Last-Event-ID, else from cursor',
    access: 'flows.read',
    query: FlowStreamQuery,
    produces: 'text/event-stream',
    limit: 'stream',
  },
  'GET /api/v1/clusters/{cluster}/topology': {
    summary: 'The service map of a window',
    access: 'flows.read',
    query: TopologyQuery,
    response: TopologyJson,
  },
  'GET /api/v1/clusters/{cluster}/topology/stream': {
    summary: 'The live service map: event snapshot, then delta each second, and status',
    access: 'flows.read',
    query: TopologyStreamQuery,
    produces: 'text/event-stream',
    limit: 'stream',
  },
  'GET /api/v1/clusters/{cluster}/drops': {
    summary: 'Drops of a window and the one before',
    access: 'flows.read',
    query: DropsQuery,
    response: DropsReport,
  },
  'GET /api/v1/clusters/{cluster}/timeline': {
    summary: 'Series and exact totals of a window',
    access: 'flows.read',
    query: TimelineQuery,
    response: Timeline,
  },
  'GET /api/v1/clusters/{cluster}/captures': { summary: 'Captures, newest first', access: 'capture.read', response: CaptureList },
  'POST /api/v1/clusters/{cluster}/captures': {
    summary: 'Record what matches, or import a file of flows (JSON lines, plain or gzip)',
    access: 'capture.create',
    query: CaptureQuery,
    body: CaptureInput,
    upload: ['application/x-ndjson', 'application/gzip', 'application/x-gzip', 'application/octet-stream'],
    response: Capture,
    status: 201,
    creates: true,
    limit: 'write',
  },
  'GET /api/v1/clusters/{cluster}/captures/{capture}': { summary: 'One capture', access: 'capture.read', response: Capture },
  'DELETE /api/v1/clusters/{cluster}/captures/{capture}': {
    summary: 'Delete a capture with its flows',
    access: 'capture.delete',
    status: 204,
  },
  'GET /api/v1/clusters/{cluster}/captures/{capture}/download': {
    summary: 'The flows of a capture as gzip JSON lines',
    access: 'capture.read',
    produces: 'application/gzip',
  },

  'GET /api/v1/clusters/{cluster}/policies': {
    summary: 'Policies in force with what they select and what they did in a window',
    access: 'policy.read',
    query: PoliciesQuery,
    response: PolicyList,
    limit: 'judge',
  },
  'GET /api/v1/clusters/{cluster}/policies/source': {
    summary: 'Where policies and other objects of the cluster come from, and how that stands',
    access: 'policy.read',
    response: PolicySource,
  },
  'PUT /api/v1/clusters/{cluster}/policies/source': {
    summary:
      'Upload the objects of a cluster whose API is not read: YAML or JSON as kubectl prints it, plain or gzip; replaces the upload before',
    access: 'policy.edit',
    body: z.never(),
    upload: ['application/yaml', 'application/json', 'text/plain', 'application/gzip', 'application/octet-stream'],
    response: UploadReport,
    limit: 'write',
  },
  'GET /api/v1/clusters/{cluster}/policies/{kind}/{namespace}/{name}': {
    summary: 'One policy (kind cnp, ccnp or knp; namespace - for a clusterwide one) with rules, endpoints, versions and findings',
    access: 'policy.read',
    query: PoliciesQuery,
    response: PolicyDetail,
    limit: 'judge',
  },
  'GET /api/v1/clusters/{cluster}/policies/{kind}/{namespace}/{name}/versions/{hash}': {
    summary: 'The text of one version',
    access: 'policy.read',
    response: PolicyVersionText,
  },
  'GET /api/v1/clusters/{cluster}/policies/lint': {
    summary: 'What lint says of the policies in force',
    access: 'policy.read',
    response: LintReport,
    limit: 'judge',
  },
  'GET /api/v1/clusters/{cluster}/policies/audit': {
    summary: 'Expected against observed: every traffic tuple of a window or capture judged, disagreements as findings',
    access: 'policy.read',
    query: AuditQuery,
    response: AuditReport,
    limit: 'judge',
  },
  'GET /api/v1/clusters/{cluster}/policies/why': {
    summary: 'Why a connection or request would pass or not, direction by direction, and the nearest rule that would allow it',
    access: 'policy.read',
    query: WhyQuery,
    response: Explanation,
    limit: 'judge',
  },
  'GET /api/v1/clusters/{cluster}/policies/reach': {
    summary: 'Who may reach whom by policy, laid over what was seen',
    access: 'policy.read',
    query: ReachQuery,
    response: ReachMatrix,
    limit: 'judge',
  },
  'GET /api/v1/clusters/{cluster}/policies/judge-input': {
    summary:
      'What a judge needs: world, policies in force and the traffic tuples of a window, so that a browser can judge by itself (ETag)',
    access: 'policy.read',
    query: JudgeInputQuery,
    response: JudgeInputForm,
    limit: 'judge',
  },
  'POST /api/v1/clusters/{cluster}/policies/what-if': {
    summary: 'What a candidate set changes for the traffic of a window or capture',
    access: 'policy.read',
    body: WhatIfInput,
    response: WhatIfReport,
    limit: 'judge',
  },
  'POST /api/v1/clusters/{cluster}/policies/suggest': {
    summary: 'The least set of policies that allows what was seen of a namespace or workload',
    access: 'policy.read',
    body: SuggestInput,
    response: Suggestion,
    limit: 'judge',
  },
  'GET /api/v1/clusters/{cluster}/policy-sets': { summary: 'Candidate sets', access: 'policy.read', response: PolicySetList },
  'POST /api/v1/clusters/{cluster}/policy-sets': {
    summary: 'Store a candidate set',
    access: 'policy.edit',
    body: PolicySetInput,
    response: PolicySet,
    status: 201,
    creates: true,
    limit: 'write',
  },
  'GET /api/v1/clusters/{cluster}/policy-sets/{set}': {
    summary: 'One candidate set; its ETag is what an edit sends as If-Match',
    access: 'policy.read',
    response: PolicySet,
  },
  'PUT /api/v1/clusters/{cluster}/policy-sets/{set}': {
    summary: 'Change a candidate set (If-Match)',
    access: 'policy.edit',
    body: PolicySetInput,
    response: PolicySet,
    limit: 'write',
  },
  'DELETE /api/v1/clusters/{cluster}/policy-sets/{set}': {
    summary: 'Delete a candidate set with what was counted of it',
    access: 'policy.edit',
    status: 204,
  },
  'GET /api/v1/clusters/{cluster}/policy-sets/{set}/would-deny': {
    summary: 'What a watched candidate would have denied, over time',
    access: 'policy.read',
    query: PoliciesQuery,
    response: WouldDeny,
  },

  ...MIGRATION_ROUTES,
  ...RECEIPT_ROUTES,

  'GET /api/v1/network-map/topology': {
    summary: 'The live map of one cluster, or of all the caller may see, for machines (ETag)',
    access: 'signed-in',
    query: z.object({ cluster: ClusterId.optional() }),
    response: NetworkMap,
  },
  'POST /api/v1/relay-check': {
    summary: 'Try a relay address before it is saved',
    access: 'cluster.manage',
    on: 'anywhere',
    body: RelayTarget.strict(),
    response: RelayCheck,
  },

  'GET /api/v1/members': { summary: 'Who has signed in, with the rights of each', access: 'member.read', response: MemberList },
  'GET /api/v1/sessions': {
    summary: "The caller's open sessions; ?all=true: everybody's (admin, auditor)",
    access: 'signed-in',
    query: z.object({ all: z.enum(['true', 'false']).optional() }),
    response: SessionList,
  },
  'DELETE /api/v1/sessions/{session}': {
    summary: "End one of one's own sessions, or anybody's (admin)",
    access: 'signed-in',
    status: 204,
  },
  'GET /api/v1/tokens': { summary: 'API tokens, newest first, without their secrets', access: 'token.read', response: TokenList },
  'POST /api/v1/tokens': {
    summary: 'Create an API token; its secret is in this answer only',
    access: 'token.manage',
    body: TokenInput.strict(),
    response: TokenCreated,
    status: 201,
    creates: true,
    secretAnswer: true,
  },
  'DELETE /api/v1/tokens/{token}': { summary: 'Revoke an API token', access: 'token.manage', status: 204 },
  'GET /api/v1/audit-log': {
    summary: 'The audit log, newest first',
    access: 'audit.read',
    query: AuditLogQuery,
    response: AuditLogPage,
  },
  'GET /api/v1/audit-log/export': {
    summary: 'The audit log as JSON lines or CSV',
    access: 'audit.read',
    query: AuditExportQuery,
    produces: 'application/x-ndjson',
  },
  'GET /api/v1/audit-log/verification': {
    summary: 'Walk the hash chain of the audit log',
    access: 'audit.read',
    response: AuditVerification,
    limit: 'judge',
  },
  'GET /api/v1/webhooks': { summary: 'Webhooks, without their secrets', access: 'webhook.read', response: WebhookList },
  'POST /api/v1/webhooks': {
    summary: 'Add a webhook; its secret is in this answer only',
    access: 'webhook.manage',
    body: WebhookInput.strict(),
    response: WebhookCreated,
    status: 201,
    creates: true,
    secretAnswer: true,
  },
  'PUT /api/v1/webhooks/{webhook}': {
    summary: 'Change a webhook (If-Match)',
    access: 'webhook.manage',
    body: WebhookInput.strict(),
    response: Webhook,
  },
  'DELETE /api/v1/webhooks/{webhook}': { summary: 'Remove a webhook with its deliveries', access: 'webhook.manage', status: 204 },
  'GET /api/v1/webhooks/{webhook}/deliveries': {
    summary: 'What was sent, what waits and what was given up',
    access: 'webhook.read',
    response: WebhookDeliveryList,
  },
  'POST /api/v1/webhooks/{webhook}/deliveries/{delivery}': {
    summary: 'Send a dead delivery again',
    access: 'webhook.manage',
    status: 202,
  },

  'GET /api/v1/openapi.json': { summary: 'This description', access: 'public', produces: 'application/json' },
  'GET /problems/{code}': {
    summary: 'What a problem type means',
    access: 'public',
    response: Problem.pick({ type: true, title: true, status: true, detail: true }),
  },
  'GET /api/health/live': { summary: 'The process answers', access: 'public', produces: 'application/json' },
  'GET /api/health/ready': {
    summary: 'Database and ingest answer; says which does not',
    access: 'public',
    produces: 'application/json',
  },
  'GET /metrics': {
    summary: 'Prometheus text; METRICS_TOKEN as bearer, or a console on loopback',
    access: 'public',
    produces: 'text/plain',
  },
  'GET /api/auth/{nextauth}': { summary: 'Sign-in', access: 'public', produces: 'text/html', limit: 'signIn' },
  'POST /api/auth/{nextauth}': {
    summary: 'Sign-in and sign-out',
    access: 'public',
    produces: 'application/json',
    limit: 'signIn',
  },
} as const satisfies Readonly<Record<`${'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'} /${string}`, ApiRoute>>;

export type RouteId = keyof typeof API_ROUTES;
export const ROUTE_IDS = Object.keys(API_ROUTES) as RouteId[];

type Def<K extends RouteId> = (typeof API_ROUTES)[K];
export type QueryOf<K extends RouteId> =
  Def<K> extends { query: infer Q extends z.ZodType } ? z.output<Q> : z.output<typeof NoQuery>;
export type BodyOf<K extends RouteId> =
  Def<K> extends { body: infer B extends z.ZodType }
    ? Def<K> extends { upload: readonly string[] }
      ? z.output<B> | undefined
      : z.output<B>
    : undefined;
export type ResponseOf<K extends RouteId> = Def<K> extends { response: infer R extends z.ZodType } ? z.input<R> : void;

/** The route by its id, with every optional part. */
export const routeOf = (id: RouteId): ApiRoute => API_ROUTES[id];
export const querySchemaOf = (id: RouteId): z.ZodObject => routeOf(id).query ?? NoQuery;
export const pathOf = (id: RouteId): string => id.slice(id.indexOf(' ') + 1);
export const methodOf = (id: RouteId): string => id.slice(0, id.indexOf(' '));
