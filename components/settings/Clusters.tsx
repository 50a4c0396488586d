'use client';
import { parseAsString, useQueryState } from 'nuqs';
import { Cluster, ClusterList } from '#lib/api/clusters.ts';
import { NO_BODY, callApi } from '#components/live/api.ts';
import { Loaded } from '#components/live/Loaded.tsx';
import { useApi } from '#components/live/use-api.ts';
import { Button } from '#components/ui/Button.tsx';
import { Card } from '#components/ui/Card.tsx';
import { DemoTag, EnvironmentTag } from '#components/ui/Chip.tsx';
import { Empty, Failed } from '#components/ui/Faces.tsx';
import { Mark, type MarkName } from '#components/ui/Mark.tsx';
import { Table, Td, Th, Tr } from '#components/ui/Table.tsx';
import { ClusterDrawer } from './ClusterDrawer.tsx';
import { Confirm } from './Confirm.tsx';

const ADD = '+';

/** The clusters of this console, with the state of each relay; administrators add, change and remove them. */
export function Clusters({ mayManage, everywhere }: { mayManage: boolean; everywhere: boolean }) {
  const state = useApi('/api/v1/clusters', ClusterList, { refreshMs: 5000 });
  const [edited, setEdited] = useQueryState('edit', parseAsString.withOptions({ history: 'push' }));
  // Read on its own when it is opened: its ETag says which state the change starts from.
  const one = useApi(
    mayManage && edited !== null && edited !== ADD ? `/api/v1/clusters/${encodeURIComponent(edited)}` : null,
    Cluster,
  );
  const close = () => void setEdited(null);
  const saved = () => {
    close();
    state.reload();
    one.reload();
  };
  return (
    <>
      <Card
        title="Clusters"
        hint="one Hubble Relay each"
        aside={
          mayManage && (
            <Button look="primary" onClick={() => void setEdited(ADD)}>
              Add cluster
            </Button>
          )
        }
        flush
      >
        <Loaded state={state}>
          {({ clusters }) =>
            clusters.length === 0 ? (
              <Empty title="No cluster">
                {mayManage ? 'Add one by the address of its Hubble Relay.' : 'None is set up, or your roles cover none of them.'}
              </Empty>
            ) : (
              <Table caption="Clusters" className="md:table-fixed">
                <thead>
                  <tr>
                    <Th>Cluster</Th>
                    <Th className="max-md:hidden md:w-1/4">Relay</Th>
                    <Th>State</Th>
                    {mayManage && (
                      <Th className="md:w-60">
                        <span className="sr-only">Actions</span>
                      </Th>
                    )}
                  </tr>
                </thead>
                <tbody>
                  {clusters.map((cluster) => (
                    <ClusterRow
                      key={cluster.id}
                      cluster={cluster}
                      mayManage={mayManage}
                      selected={cluster.id === edited}
                      onEdit={() => void setEdited(cluster.id)}
                      onRemoved={saved}
                    />
                  ))}
                </tbody>
              </Table>
            )
          }
        </Loaded>
      </Card>
      {!everywhere && <p className="text-12 text-ink-3">You see the clusters that your roles cover.</p>}
      {mayManage && edited === ADD && <ClusterDrawer cluster={undefined} etag={undefined} onClose={close} onSaved={saved} />}
      {mayManage && edited !== ADD && one.error && (
        <div className="rounded-md border border-line bg-surface">
          <Failed problem={one.error} onRetry={one.reload} />
        </div>
      )}
      {mayManage && edited !== ADD && one.data && !one.data.demo && (
        <ClusterDrawer key={`${one.data.id} ${one.etag}`} cluster={one.data} etag={one.etag} onClose={close} onSaved={saved} />
      )}
    </>
  );
}

const STATE_MARK: Record<Cluster['state'], MarkName> = {
  live: 'pass',
  connecting: 'stale',
  reconnecting: 'stale',
  paused: 'stale',
  failed: 'fail',
};

function ClusterRow({ cluster, mayManage, selected, onEdit, onRemoved }: ClusterRowProps) {
  return (
    <Tr dense={false} selected={selected} className="align-top *:py-2">
      <Td>
        <span className="flex flex-wrap items-center gap-2">
          <EnvironmentTag environment={cluster.environment} />
          <span className="font-title">{cluster.name}</span>
          {cluster.demo && <DemoTag />}
        </span>
        <span className="block font-mono text-12 text-ink-3">{cluster.id}</span>
      </Td>
      <Td className="font-mono text-12 text-ink-2 max-md:hidden">
        {cluster.relay ? (
          <>
            {cluster.relay.address}
            <span className="block text-ink-3">{tlsWords(cluster.relay)}</span>
          </>
        ) : (
          <span className="font-sans text-ink-3">
            {cluster.demo ? 'the built-in demo relay' : mayManage ? 'none: flows from NATS' : 'for administrators'}
          </span>
        )}
      </Td>
      <Td>
        <span className="flex items-center gap-2">
          <Mark name={STATE_MARK[cluster.state]} />
          {cluster.state}
        </span>
        {cluster.stateDetail !== '' && (
          <span className="block max-w-80 text-12 wrap-anywhere text-ink-3">{cluster.stateDetail}</span>
        )}
      </Td>
      {mayManage && (
        <Td className="text-right">
          {cluster.demo ? (
            <span className="text-12 text-ink-3">set up by the console</span>
          ) : (
            <span className="inline-flex flex-wrap justify-end gap-2">
              <Button size="sm" onClick={onEdit}>
                Edit
              </Button>
              <Confirm
                button="Remove"
                question={`Remove ${cluster.name}?`}
                effect="The console stops following its relay and nobody sees it here any more. What is stored of its traffic ages out. The cluster itself is not touched."
                typeName={cluster.environment === 'PRD' ? cluster.id : undefined}
                action={async () => {
                  await callApi(`/api/v1/clusters/${encodeURIComponent(cluster.id)}`, NO_BODY, { method: 'DELETE' });
                  onRemoved();
                }}
              />
            </span>
          )}
        </Td>
      )}
    </Tr>
  );
}
interface ClusterRowProps {
  cluster: Cluster;
  mayManage: boolean;
  selected: boolean;
  onEdit: () => void;
  onRemoved: () => void;
}

const tlsWords = ({ tls, tlsCertFile }: NonNullable<Cluster['relay']>) =>
  tls ? (tlsCertFile === undefined ? 'TLS' : 'TLS with client certificate') : 'plain, no TLS';
