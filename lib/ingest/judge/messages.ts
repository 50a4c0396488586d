import 'server-only';
import type { ErrorCode } from '#lib/errors/errors.ts';
import type { WorldKind, WorldObject } from '#lib/world/object.ts';
import type { Ask } from './asks.ts';
import type { JudgedFacts } from './source.ts';

/** What the worker thread is started with. */
export interface WorkerData {
  readonly databaseUrl: string;
}

/** To the worker. Facts come before the asks that need them, once for each version. */
export type ToWorker =
  | { readonly type: 'facts'; readonly cluster: string; readonly facts: JudgedFacts }
  | { readonly type: 'no-facts'; readonly cluster: string }
  /** One kind of its objects, or that it is not known which there are. */
  | {
      readonly type: 'objects';
      readonly cluster: string;
      readonly kind: WorldKind;
      readonly objects: readonly WorldObject[] | undefined;
    }
  | { readonly type: 'ask'; readonly id: number; readonly cluster: string; readonly ask: Ask }
  | { readonly type: 'cancel'; readonly id: number };

/** From the worker: an answer as JSON in UTF-8, or why there is none; and that long work goes on. */
export type FromWorker =
  | { readonly type: 'alive' }
  | { readonly type: 'answer'; readonly id: number; readonly body: Uint8Array<ArrayBuffer> }
  | {
      readonly type: 'failure';
      readonly id: number;
      /** Undefined for a fault of ours. */
      readonly code: ErrorCode | undefined;
      readonly message: string;
      readonly place?: Readonly<Record<string, string | number>>;
    };
