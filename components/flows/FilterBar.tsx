'use client';
import { Link2, Terminal } from 'lucide-react';
import { useState } from 'react';
import { NamespaceList, NodeList } from '#lib/api/clusters.ts';
import type { SeenValues } from '#lib/flow/filter-complete.ts';
import { useApi } from '#components/live/use-api.ts';
import type { Console } from '#components/live/use-console.ts';
import { CopyButton } from '#components/ui/CopyButton.tsx';
import { FilterBox } from './FilterBox.tsx';
import { commandOf } from './command.ts';
import { mergeSeen } from './seen-values.ts';

/** The filter of a page, with what can be taken along: the same filter as a command, and the link to what is shown. */
export function FilterBar({ view, filter, onFilter, seen, placeholder, base = '' }: FilterBarProps) {
  // Names come with the first use of the box: nobody pays for them who does not filter.
  const [used, setUsed] = useState(false);
  const namespaces = useApi(used ? `${view.api}/namespaces` : null, NamespaceList);
  const nodes = useApi(used ? `${view.api}/nodes` : null, NodeList);
  const known = (): SeenValues =>
    mergeSeen(seen(), {
      namespace: namespaces.data?.namespaces.map(({ name }) => name) ?? [],
      node: nodes.data?.nodes.map(({ name }) => name.slice(name.indexOf('/') + 1)) ?? [],
    });
  const full = [base, filter].filter((part) => part.trim() !== '').join(' ');
  const command = commandOf(full);
  return (
    <div className="flex min-w-0 flex-1 items-center gap-2 max-md:w-full max-md:flex-none">
      <FilterBox
        className="flex-1"
        label="Filter"
        value={filter}
        onApply={onFilter}
        seen={known}
        placeholder={placeholder}
        onFocus={() => setUsed(true)}
      />
      {command !== undefined && (
        <CopyButton text={command} label="Copy as hubble observe command" icon={<Terminal size={14} aria-hidden="true" />}>
          <span className="max-lg:sr-only">Copy as command</span>
        </CopyButton>
      )}
      <CopyButton text={() => window.location.href} label="Copy link" icon={<Link2 size={14} aria-hidden="true" />} />
    </div>
  );
}
interface FilterBarProps {
  view: Console;
  filter: string;
  onFilter: (filter: string) => void;
  /** Values seen on this page. */
  seen: () => SeenValues;
  placeholder: string;
  /** Terms that the page adds of its own, for the command. */
  base?: string;
}
