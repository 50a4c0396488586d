'use client';
import { Command } from 'cmdk';
import { useRouter } from 'next/navigation';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { type Cluster, NodeList } from '#lib/api/clusters.ts';
import { Migration } from '#lib/api/migration.ts';
import { PolicyList } from '#lib/api/policies.ts';
import { TopologyJson } from '#lib/api/topology.ts';
import { visibleText } from '#lib/flow/text.ts';
import { windowQuery } from '#components/live/range.ts';
import { useApi } from '#components/live/use-api.ts';
import { useConsole } from '#components/live/use-console.ts';
import { MIGRATION_VIEWS } from '#components/migration/MigrationTabs.tsx';
import { migrationApi } from '#components/migration/use-migration.ts';
import { policyPath } from '#components/policies/links.ts';
import { POLICY_VIEWS } from '#components/policies/PoliciesTabs.tsx';
import { PolicyName } from '#components/policies/PolicyName.tsx';
import { RECEIPT_VIEWS } from '#components/receipts/ReceiptsFrame.tsx';
import { EnvironmentTag } from '#components/ui/Chip.tsx';
import { EndpointName } from '#components/ui/EndpointName.tsx';
import { APPROVALS_ICON as ApprovalsIcon, PAGES, SETTINGS } from './pages.ts';
import { type Person, hasEverywhere } from './person.ts';
import { signOut } from './session.ts';
import { useThemeSwitch } from './Theme.tsx';

/** Goes anywhere and does the small things, by typing: pages, clusters, what is seen in the cluster, actions. */
export function Palette({ clusters, person, hrefOf, api, migrating, onClose }: PaletteProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const box = useRef<HTMLInputElement>(null);
  const router = useRouter();
  const view = useConsole();
  const toggleTheme = useThemeSwitch();
  const [search, setSearch] = useState('');
  const { data: map } = useApi(api === '' ? null : `${api}/topology?level=workload`, TopologyJson);
  const { data: nodes } = useApi(api === '' ? null : `${api}/nodes`, NodeList);
  // Judged on the server: asked for once somebody looks for something.
  const searching = search.trim() !== '';
  const { data: migration } = useApi(migrating === undefined || !searching ? null : migrationApi(migrating), Migration);
  const { data: known } = useApi(api === '' || !searching ? null : `${api}/policies?${windowQuery(view.window)}`, PolicyList);
  useEffect(() => {
    dialog.current?.showModal();
    // The dialog would focus the first thing that can be, which is not the box.
    box.current?.focus();
  }, []);

  const run = (action: () => void) => () => {
    dialog.current?.close();
    action();
  };
  const go = (href: string) => run(() => router.push(href));
  const workloads = map?.nodes.filter(({ namespace }) => namespace !== '') ?? [];
  const outside = map?.nodes.filter(({ namespace, kind }) => namespace === '' && kind !== 'namespace') ?? [];
  const namespaces = [...new Set(workloads.map(({ namespace }) => namespace))].toSorted();
  const policies = known?.policies.map(({ ref }) => ref) ?? [];
  // Without a source of policies there are the names that flows carry, which no page describes.
  const named = policies.length > 0 ? [] : [...new Set(map?.edges.flatMap((edge) => edge.policies) ?? [])].toSorted();
  const withQueries = (page: string, query: Readonly<Record<string, string>>) =>
    `${hrefOf(page)}${hrefOf(page).includes('?') ? '&' : '?'}${new URLSearchParams(query)}`;
  const withQuery = (page: string, name: string, value: string) => withQueries(page, { [name]: value });

  return (
    // A click beside the palette closes it, as Esc does.
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-noninteractive-element-interactions -- Esc is the dialog's own
    <dialog
      ref={dialog}
      aria-label="Search and commands"
      onClose={onClose}
      onClick={(event) => event.target === dialog.current && dialog.current.close()}
      className="mx-auto mt-[12dvh] w-[min(640px,calc(100vw-24px))] rounded-md border border-line-strong bg-surface p-0 text-ink backdrop:bg-ink/20"
    >
      <Command label="Search and commands" loop filter={matches}>
        <Command.Input
          ref={box}
          value={search}
          onValueChange={setSearch}
          placeholder="Page, workload, namespace, node, policy, action"
          className="h-11 w-full border-b border-line bg-transparent px-4 text-14 outline-none placeholder:text-ink-3"
        />
        <Command.List className="max-h-[56dvh] overflow-y-auto p-1.5">
          <Command.Empty className="p-4 text-13 text-ink-2">
            {!searching ? 'Nothing here.' : 'Nothing by that name was seen in the last five minutes.'}
          </Command.Empty>
          <Group heading="Pages">
            {PAGES.map(({ path, name, icon: Icon }) => (
              <Item key={path} value={`page ${name}`} onSelect={go(hrefOf(path))}>
                <Icon size={14} aria-hidden="true" className="text-ink-3" />
                {name}
              </Item>
            ))}
            {POLICY_VIEWS.slice(1).map(({ path, name }) => (
              <Item key={path} value={`page policies ${name}`} onSelect={go(hrefOf(path))}>
                <span className="text-ink-3">Policies</span>
                {name}
              </Item>
            ))}
            {MIGRATION_VIEWS.slice(1).map(({ path, name }) => (
              <Item key={path} value={`page migration ${name}`} onSelect={go(hrefOf(path))}>
                <span className="text-ink-3">Migration</span>
                {name}
              </Item>
            ))}
            {RECEIPT_VIEWS.slice(1).map(({ path, name }) => (
              <Item key={path} value={`page receipts ${name}`} onSelect={go(hrefOf(path))}>
                <span className="text-ink-3">Receipts</span>
                {name}
              </Item>
            ))}
            <Item value="page receipts verify a file" onSelect={go('/receipts/verify')}>
              <span className="text-ink-3">Receipts</span>
              Verify a file
            </Item>
            <Item value="page approvals inbox" onSelect={go('/approvals')}>
              <ApprovalsIcon size={14} aria-hidden="true" className="text-ink-3" />
              Approvals
            </Item>
            {SETTINGS.filter(({ roles }) => roles === undefined || hasEverywhere(person.grants, roles)).map(({ path, name }) => (
              <Item key={path} value={`page settings ${name}`} onSelect={go(`/settings/${path}`)}>
                <span className="text-ink-3">Settings</span>
                {name}
              </Item>
            ))}
          </Group>
          <Group heading="Clusters">
            {clusters.map((cluster) => (
              <Item
                key={cluster.id}
                value={`cluster ${cluster.name} ${cluster.id} ${cluster.environment}`}
                onSelect={go(`/c/${cluster.id}/overview`)}
              >
                <EnvironmentTag environment={cluster.environment} />
                {cluster.name}
              </Item>
            ))}
          </Group>
          <Group heading="Actions">
            <Item value="switch between light and dark theme" onSelect={run(toggleTheme)}>
              Switch between light and dark
            </Item>
            <Item value="copy link to this view" onSelect={run(() => void navigator.clipboard.writeText(window.location.href))}>
              Copy link to this view
            </Item>
            {view.cluster !== '' && !view.past && (
              <Item value="pause, go on live, resume" onSelect={run(() => void view.setPaused(!view.paused))}>
                {view.paused ? 'Go on live' : 'Pause'}
              </Item>
            )}
            <Item value="sign out" onSelect={run(() => void signOut())}>
              Sign out
            </Item>
          </Group>
          {searching && (
            <>
              <Group heading="Migration">
                {migration?.phases.map(({ phase, name, cells }) =>
                  cells.map(({ environment }) => (
                    <Item
                      key={`${phase} ${environment}`}
                      value={`migration phase ${phase} ${name} ${environment}`}
                      onSelect={go(withQueries('migration', { phase: String(phase), env: environment }))}
                    >
                      <EnvironmentTag environment={environment} />
                      Phase {phase} {visibleText(name)}
                    </Item>
                  )),
                )}
              </Group>
              <Group heading="Workloads">
                {workloads.map((node) => (
                  <Item key={node.id} value={`workload ${node.id}`} onSelect={go(withQuery('map', 'selected', node.id))}>
                    <EndpointName namespace={node.namespace} name={node.name} />
                  </Item>
                ))}
              </Group>
              <Group heading="Outside the cluster">
                {outside.map((node) => (
                  <Item key={node.id} value={`outside ${node.id}`} onSelect={go(withQuery('map', 'selected', node.id))}>
                    <EndpointName namespace="" name={node.name} />
                  </Item>
                ))}
              </Group>
              <Group heading="Namespaces">
                {namespaces.map((namespace) => (
                  <Item
                    key={namespace}
                    value={`namespace ${namespace}`}
                    onSelect={go(withQuery('flows', 'filter', `ns:${namespace}`))}
                  >
                    <span className="font-mono text-12">{namespace}</span>
                    <span className="text-ink-3">its flows</span>
                  </Item>
                ))}
              </Group>
              <Group heading="Nodes">
                {nodes?.nodes.map(({ name }) => (
                  <Item key={name} value={`node ${name}`} onSelect={go(withQuery('flows', 'filter', `node:${name}`))}>
                    <span className="font-mono text-12">{name}</span>
                    <span className="text-ink-3">its flows</span>
                  </Item>
                ))}
              </Group>
              <Group heading="Policies">
                {policies.map((policy) => (
                  <Item key={policy} value={`policy ${policy}`} onSelect={go(hrefOf(policyPath(policy)))}>
                    <PolicyName policy={policy} />
                  </Item>
                ))}
                {named.map((policy) => (
                  <Item key={policy} value={`policy ${policy}`} onSelect={go(withQuery('map', 'overlay', 'policy'))}>
                    <span className="font-mono text-12">{policy}</span>
                    <span className="text-ink-3">on the map</span>
                  </Item>
                ))}
              </Group>
            </>
          )}
        </Command.List>
      </Command>
    </dialog>
  );
}
interface PaletteProps {
  clusters: readonly Cluster[];
  person: Person;
  hrefOf: (page: string) => string;
  /** Base of the cluster's API; empty where there is no cluster. */
  api: string;
  /** Id of the cluster in sight where it belongs to a migration. */
  migrating: string | undefined;
  onClose: () => void;
}

/** All words that were typed occur, in any order. Fuzzy matching finds `aegis-dev` for `led`: of no use among names this alike. */
const matches = (value: string, search: string): number => {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return words.every((word) => value.toLowerCase().includes(word)) ? 1 : 0;
};

const Group = ({ heading, children }: { heading: string; children: ReactNode }) => (
  <Command.Group
    heading={heading}
    className="**:[[cmdk-group-heading]]:px-2.5 **:[[cmdk-group-heading]]:pt-2 **:[[cmdk-group-heading]]:pb-1 **:[[cmdk-group-heading]]:text-12 **:[[cmdk-group-heading]]:text-ink-3"
  >
    {children}
  </Command.Group>
);

const Item = ({ value, onSelect, children }: { value: string; onSelect: () => void; children: ReactNode }) => (
  <Command.Item
    value={value}
    onSelect={onSelect}
    className="flex h-10 cursor-default items-center gap-2 rounded-sm px-2.5 text-13 data-[selected=true]:bg-hover md:h-8"
  >
    {children}
  </Command.Item>
);
