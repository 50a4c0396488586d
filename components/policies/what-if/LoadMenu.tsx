'use client';
import { ChevronsUpDown } from 'lucide-react';
import Link from 'next/link';
import { useState } from 'react';
import type { PolicySet } from '#lib/api/policies.ts';
import { visibleText } from '#lib/flow/text.ts';
import type { Console } from '#components/live/use-console.ts';
import { Button } from '#components/ui/Button.tsx';
import { Popover } from '#components/ui/Popover.tsx';
import { SearchBox } from '#components/ui/SearchBox.tsx';
import { exact } from '#components/ui/format.ts';
import { PolicyName } from '../PolicyName.tsx';
import type { InForce } from './judge-messages.ts';
import { type Origin, paramsOf } from './origin.ts';

const MOST = 60;

/** What the editor holds: a stored candidate, a policy in force, all of them, or an empty text. Each is a link. */
export function LoadMenu({ name, sets, inForce, view }: LoadMenuProps) {
  const [open, setOpen] = useState(false);
  const [search, setSearch] = useState('');
  const wanted = search.trim().toLowerCase();
  const matches = (text: string) => text.toLowerCase().includes(wanted);
  const shownSets = sets?.filter((set) => matches(set.name)) ?? [];
  const shownPolicies = inForce?.filter(({ ref }) => matches(ref)) ?? [];
  const hrefOf = (origin: Origin) => view.hrefOf('policies/what-if', paramsOf(origin));
  const close = () => setOpen(false);
  return (
    <Popover
      label="Load"
      open={open}
      onOpenChange={setOpen}
      className="w-88"
      trigger={
        <Button className="max-w-72">
          <span className="truncate font-mono text-12">{visibleText(name)}</span>
          <ChevronsUpDown size={14} aria-hidden="true" className="shrink-0 text-ink-3" />
        </Button>
      }
    >
      <div className="flex flex-col gap-2 p-3">
        <SearchBox label="Find a candidate or policy" value={search} onChange={setSearch} placeholder="Find" />
        <Group title="Candidates" empty={sets === undefined ? 'Loading' : wanted === '' ? 'None is stored yet' : 'None matches'}>
          {shownSets.slice(0, MOST).map((set) => (
            <Choice key={set.id} href={hrefOf({ kind: 'set', id: set.id })} onClick={close}>
              <span className="min-w-0 truncate">{visibleText(set.name)}</span>
              {set.watched && <span className="ml-auto shrink-0 text-12 text-ink-3">watched</span>}
            </Choice>
          ))}
        </Group>
        <Group
          title="In force"
          empty={inForce === undefined ? 'Loading' : wanted === '' ? 'No policy is in force' : 'None matches'}
        >
          {wanted === '' && inForce !== undefined && inForce.length > 1 && (
            <Choice href={hrefOf({ kind: 'all' })} onClick={close}>
              All {exact(inForce.length)} policies
            </Choice>
          )}
          {shownPolicies.slice(0, MOST).map(({ ref }) => (
            <Choice key={ref} href={hrefOf({ kind: 'policy', ref })} onClick={close}>
              <PolicyName policy={ref} />
            </Choice>
          ))}
          {shownPolicies.length > MOST && (
            <li className="px-2 py-1 text-12 text-ink-3">and {exact(shownPolicies.length - MOST)} more: narrow the search</li>
          )}
        </Group>
        <ul>
          <Choice href={hrefOf({ kind: 'empty' })} onClick={close}>
            An empty text
          </Choice>
        </ul>
      </div>
    </Popover>
  );
}
interface LoadMenuProps {
  name: string;
  sets: readonly PolicySet[] | undefined;
  inForce: readonly InForce[] | undefined;
  view: Console;
}

function Group({ title, empty, children }: { title: string; empty: string; children: React.ReactNode[] }) {
  const filled = children.flat().some(Boolean);
  return (
    <section aria-label={title}>
      <p aria-hidden="true" className="px-2 text-12 text-ink-3">
        {title}
      </p>
      {filled ? (
        <ul className="max-h-56 overflow-y-auto">{children}</ul>
      ) : (
        <p className="px-2 py-1 text-12 text-ink-3">{empty}</p>
      )}
    </section>
  );
}

function Choice({ href, onClick, children }: { href: string; onClick: () => void; children: React.ReactNode }) {
  return (
    <li>
      <Link
        href={href}
        onClick={onClick}
        className="ring-focus flex min-h-9 items-center gap-2 rounded-sm px-2 text-13 hover:bg-hover md:min-h-7"
      >
        {children}
      </Link>
    </li>
  );
}
