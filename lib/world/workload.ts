import { workloadOf } from '#lib/flow/endpoint-name.ts';
import type { Workload } from '#lib/flow/flow.ts';
import { NO_ENDPOINT } from '#lib/flow/flow-from-json.ts';
import type { Owner, WorldObject } from './object.ts';

/** A CronJob names its Jobs after the minute (or, before Kubernetes 1.21, the second) they are due. */
const CRON_JOB = /^(.+)-\d{8,10}$/;

/**
 * The workload of a pod, named as Cilium names it in flows (pkg/k8s/utils, GetWorkloadMetaFromPod): the Deployment behind a ReplicaSet, the CronJob
 * behind a Job, else the controller; a pod of nobody is its own workload. `above` is the controller of the pod's controller, where that is known.
 */
export function workloadOfPod({ owner, name, labels }: WorldObject, above: Owner | undefined): Workload {
  if (!owner) return { name, kind: 'Pod' };
  if (above) return above;
  const hash = Object.hasOwn(labels, 'pod-template-hash') ? labels['pod-template-hash'] : undefined;
  if (owner.kind === 'ReplicaSet' && hash && owner.name.endsWith(`-${hash}`))
    return { name: owner.name.slice(0, -hash.length - 1), kind: 'Deployment' };
  const cronJob = owner.kind === 'Job' ? CRON_JOB.exec(owner.name)?.[1] : undefined;
  return cronJob ? { name: cronJob, kind: 'CronJob' } : owner;
}

/** The workload of a pod of which only the name is known: what its suffix tells. */
export const workloadByName = (podName: string): Workload =>
  workloadOf({ ...NO_ENDPOINT, podName }) ?? { name: podName, kind: 'Pod' };
