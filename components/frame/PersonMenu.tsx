'use client';
import { LogOut, MonitorSmartphone } from 'lucide-react';
import Link from 'next/link';
import { useState } from 'react';
import { Button, ButtonLink } from '#components/ui/Button.tsx';
import { DemoTag } from '#components/ui/Chip.tsx';
import { Popover } from '#components/ui/Popover.tsx';
import { type Person, initialsOf, rolesInWords } from './person.ts';
import { signOut } from './session.ts';

/** Who is signed in, with which roles, and the way out. */
export function PersonMenu({ person }: { person: Person }) {
  const [open, setOpen] = useState(false);
  return (
    <Popover
      open={open}
      onOpenChange={setOpen}
      align="end"
      label="Signed in"
      className="w-64 p-1"
      trigger={
        <button
          type="button"
          aria-label={`Signed in as ${person.name}`}
          title={person.name}
          className="ring-focus inline-flex size-9 shrink-0 items-center justify-center rounded-full border border-line-strong bg-hover text-12 font-title text-ink-2 hover:text-ink md:size-7"
        >
          {initialsOf(person.name)}
        </button>
      }
    >
      <div className="flex items-center gap-2 px-2 pt-1.5">
        <span className="min-w-0 flex-1 truncate font-title">{person.name}</span>
        {person.demo && <DemoTag />}
      </div>
      {person.email !== '' && <p className="truncate px-2 text-12 text-ink-3">{person.email}</p>}
      <p className="px-2 pt-1.5 pb-1 text-12 text-ink-3">Roles</p>
      <ul className="px-2 pb-1.5 text-13 text-ink-2">
        {rolesInWords(person.grants).map((role) => (
          <li key={role}>{role}</li>
        ))}
      </ul>
      <div className="-mx-1 mt-1 flex flex-col border-t border-line px-1 pt-1">
        <Link href="/settings/sessions" onClick={() => setOpen(false)} className={item}>
          <MonitorSmartphone size={14} aria-hidden="true" />
          Your sessions
        </Link>
        <button type="button" onClick={() => void signOut()} className={item}>
          <LogOut size={14} aria-hidden="true" />
          Sign out
        </button>
      </div>
    </Popover>
  );
}
const item = 'ring-focus flex min-h-7 items-center gap-2 rounded-sm px-2 text-left hover:bg-hover';

/** The same for the sheet on phones, which is a dialog of its own: nothing may open above it. */
export function PersonPanel({ person, onNavigate }: { person: Person; onNavigate: () => void }) {
  return (
    <section aria-label="Signed in" className="flex flex-col gap-2 border-t border-line p-4">
      <p className="flex items-center gap-2">
        <span className="min-w-0 flex-1 truncate text-14 font-title">{person.name}</span>
        {person.demo && <DemoTag />}
      </p>
      <p className="text-12 text-ink-3">{rolesInWords(person.grants).join(' · ')}</p>
      <div className="flex gap-2">
        <ButtonLink href="/settings/sessions" onClick={onNavigate}>
          Your sessions
        </ButtonLink>
        <Button onClick={() => void signOut()}>Sign out</Button>
      </div>
    </section>
  );
}
