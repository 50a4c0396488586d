import 'server-only';
import type { Readable } from 'node:stream';
import { EvaluateQuery, EvidenceUploadQuery } from '#lib/api/migration.ts';
import { PreflightQuery, ValuesQuery } from '#lib/api/preflight.ts';
import { choicesOf } from '#lib/db/migration/choices.ts';
import type { TrafficDb } from '#lib/db/traffic/connection.ts';
import { PHASES } from '#lib/migration/model.ts';
import { parsed, wholeBody } from '../input.ts';
import type { Ask, ClusterNow } from '../judge/asks.ts';
import type { Judge } from '../judge/judge.ts';
import type { FactsOf, ObjectsOf } from '../judge/source.ts';
import type { Answer, Call, Route } from '../server.ts';
import type { MigrationEvaluator } from './evaluator.ts';

export interface MigrationRoutes {
  readonly db: TrafficDb;
  readonly judge: Judge;
  readonly factsOf: FactsOf;
  readonly objectsOf: ObjectsOf;
  readonly clusterNow: (cluster: string, now: number) => Promise<ClusterNow>;
  /** Where the objects of a cluster come from, for a person. */
  readonly objectsFrom: (cluster: string) => string;
  readonly evaluator: MigrationEvaluator;
}

/** As large as an evidence file may be, unpacked. */
const MOST_TEXT = 30 * 1024 * 1024;

/** Evidence read now, files read for web, and what preflight and the generator of values say. */
export function migrationRoutes({ db, judge, factsOf, objectsOf, clusterNow, objectsFrom, evaluator }: MigrationRoutes): Route[] {
  const clusterOf = ({ params }: Call): string => params['cluster'] ?? '';
  const ask = async (call: Call, question: Ask): Promise<Answer> => {
    const cluster = clusterOf(call);
    return { jsonBytes: await judge.ask(cluster, factsOf(cluster), question, call.signal, objectsOf(cluster)) };
  };
  const nowOf = async (call: Call, target: string | undefined): Promise<ClusterNow> => ({
    ...(await clusterNow(clusterOf(call), Date.now())),
    target,
  });
  return [
    {
      method: 'POST',
      path: '/clusters/:cluster/migration/evaluate',
      async handle(call) {
        const { phase } = parsed(EvaluateQuery, call.query);
        await evaluator.evaluate(clusterOf(call), phase === undefined ? PHASES : [phase]);
        return { json: {} };
      },
    },
    {
      method: 'POST',
      path: '/clusters/:cluster/migration/read-upload',
      async handle(call) {
        const { kind: as, name = '' } = parsed(EvidenceUploadQuery, call.query);
        return ask(call, { kind: 'read-upload', name, as, text: await textOf(call.body) });
      },
    },
    {
      method: 'GET',
      path: '/clusters/:cluster/preflight',
      async handle(call) {
        const { phase, target } = parsed(PreflightQuery, call.query);
        const cluster = await nowOf(call, target);
        return ask(call, { kind: 'preflight', cluster, phase, objectsFrom: objectsFrom(clusterOf(call)) });
      },
    },
    {
      method: 'GET',
      path: '/clusters/:cluster/migration/values',
      async handle(call) {
        const { phase, target, stage } = parsed(ValuesQuery, call.query);
        const cluster = await nowOf(call, target);
        return ask(call, { kind: 'values', cluster, phase, stage, choices: await choicesOf(db, clusterOf(call)) });
      },
    },
  ];
}

const textOf = async (body: Readable): Promise<string> =>
  (await wholeBody(body, MOST_TEXT, `the file is larger than ${MOST_TEXT / 1024 / 1024} MB`)).toString('utf8');
