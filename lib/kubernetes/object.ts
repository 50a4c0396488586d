import 'server-only';

/** A Kubernetes object as JSON: what `kubectl get -o json` prints of one, trimmed to what is used (`trim.ts`). */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: KubeMetadata;
  readonly [field: string]: unknown;
}

export interface KubeMetadata {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly creationTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

/** What happened to one object. A deletion carries the object as it was last known. */
export interface ObjectChange {
  readonly type: 'put' | 'delete';
  readonly object: KubeObject;
}

/** `kind namespace/name`: one key for one object of a cluster. */
export const objectKey = ({ kind, metadata }: KubeObject): string => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`;

export const KIND_STATES = ['ready', 'starting', 'forbidden', 'not-installed', 'failed'] as const;

/** How reading one kind of object stands. */
export interface KindState {
  readonly kind: string;
  readonly state: (typeof KIND_STATES)[number];
  readonly objects: number;
  /** For a person: what is wrong and what to do; empty when nothing is. */
  readonly message: string;
  /** Unix milliseconds since which `state` holds. */
  readonly since: number;
}

/** Hears of objects and states. Called from one thread, never again once the source is closed. */
export interface ObjectSink {
  changed(changes: readonly ObjectChange[]): void;
  stateChanged(): void;
}

/** Where the objects of a cluster come from. */
export interface ObjectSource {
  /** For a person, e.g. `the API server https://10.0.0.1:443`. */
  readonly name: string;
  /** What is wrong with the source as a whole; empty when nothing is. */
  readonly problem: string;
  /** All that is there has been told once, or is known to be out of reach. */
  readonly isRead: boolean;
  /** One for each kind that is read. */
  states(): readonly KindState[];
  close(): Promise<void>;
}
