'use client';
import { useState } from 'react';
import type { PolicyDetail } from '#lib/api/policies.ts';
import { visibleText } from '#lib/flow/text.ts';
import { Button } from '#components/ui/Button.tsx';
import { EndpointName } from '#components/ui/EndpointName.tsx';
import { exact } from '#components/ui/format.ts';

type Endpoint = PolicyDetail['endpoints'][number];

/** Workloads listed at first. */
const FIRST = 12;

/** What the policy selects now, by workload; a workload opens to its pods and the labels of their identity. */
export function Endpoints({ endpoints, total }: { endpoints: readonly Endpoint[]; total: number }) {
  const [whole, setWhole] = useState(false);
  const groups = byWorkload(endpoints);
  const shown = whole ? groups : groups.slice(0, FIRST);
  return (
    <>
      <ul>
        {shown.map(({ namespace, workload, pods }) => (
          <li key={`${namespace}/${workload}`} className="border-t border-line first:border-t-0">
            <details className="group">
              <summary className="ring-focus flex h-9 items-center gap-2 rounded-sm px-4 hover:bg-hover md:h-7">
                <EndpointName namespace={visibleText(namespace)} name={visibleText(workload)} />
                <span className="ml-auto text-12 whitespace-nowrap text-ink-3">
                  <span className="num">{exact(pods.length)}</span> {pods.length === 1 ? 'pod' : 'pods'}
                </span>
              </summary>
              <ul className="flex flex-col gap-1.5 px-4 pt-1 pb-3">
                {pods.map(({ id, labels }) => (
                  <li key={id} className="min-w-0">
                    <span className="font-mono text-12 wrap-anywhere">{visibleText(id)}</span>
                    <span className="block text-12 wrap-anywhere text-ink-3">{labels.map(visibleText).join(', ')}</span>
                  </li>
                ))}
              </ul>
            </details>
          </li>
        ))}
      </ul>
      {(shown.length < groups.length || endpoints.length < total) && (
        <div className="flex flex-wrap items-center gap-2 border-t border-line px-4 py-1.5 text-12 text-ink-3">
          {shown.length < groups.length && (
            <Button look="quiet" size="sm" onClick={() => setWhole(true)}>
              Show all {exact(groups.length)} workloads
            </Button>
          )}
          {endpoints.length < total && `The first ${exact(endpoints.length)} of ${exact(total)} endpoints.`}
        </div>
      )}
    </>
  );
}

/** Pods of the same workload together, in the order of names. */
function byWorkload(endpoints: readonly Endpoint[]): { namespace: string; workload: string; pods: Endpoint[] }[] {
  const groups = new Map<string, { namespace: string; workload: string; pods: Endpoint[] }>();
  for (const endpoint of endpoints) {
    const { namespace, id } = endpoint;
    const workload = endpoint.workload === '' ? id : endpoint.workload;
    const key = `${namespace}/${workload}`;
    const group = groups.get(key);
    if (group) group.pods.push(endpoint);
    else groups.set(key, { namespace, workload, pods: [endpoint] });
  }
  return [...groups.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group);
}
