'use client';
import type { ReactNode } from 'react';
import type { AuditEvent } from '#lib/api/audit-log.ts';
import { visibleText } from '#lib/flow/text.ts';
import { Button } from '#components/ui/Button.tsx';
import { CopyButton } from '#components/ui/CopyButton.tsx';
import { Drawer, DrawerSection } from '#components/ui/Drawer.tsx';
import { exact, utc, utcAndLocal } from '#components/ui/format.ts';
import { Mark } from '#components/ui/Mark.tsx';
import { OUTCOME_MARKS, type AuditFilter, actorWords } from './audit-log-view.ts';

/** One event: who, what, to what, from where, and its place in the chain. */
export function AuditLogDrawer({ event, onOnly, onClose }: AuditLogDrawerProps) {
  const { actor, object, outcome, reason, details, cluster } = event;
  const facts = Object.entries(details);
  return (
    <Drawer
      kind={`Event ${exact(event.seq)}`}
      title={<span className="font-mono text-14">{visibleText(event.action)}</span>}
      chips={
        <span className="inline-flex items-center gap-1.5 text-ink-2">
          <Mark name={OUTCOME_MARKS[outcome]} />
          {outcome}
        </span>
      }
      onClose={onClose}
    >
      {reason !== '' && (
        <DrawerSection title="Reason">
          <p className="text-13 wrap-anywhere text-ink-2">{visibleText(reason)}</p>
        </DrawerSection>
      )}
      <DrawerSection title="Who and what">
        <Facts>
          <Fact name="Time">
            <time dateTime={new Date(event.at).toISOString()} title={utcAndLocal(event.at)}>
              {utc(event.at)}
            </time>
          </Fact>
          <Fact name="Who" only={actor.subject === '' ? undefined : () => onOnly({ actor: actor.subject })}>
            {visibleText(actorWords(actor))} <span className="text-ink-3">({actor.kind})</span>
            <span className="block font-mono text-12 text-ink-3">{visibleText(actor.subject)}</span>
          </Fact>
          <Fact name="To what" only={object.type === '' ? undefined : () => onOnly({ object: `${object.type}:${object.id}` })}>
            {visibleText(object.type)} <span className="font-mono text-12">{visibleText(object.id)}</span>
          </Fact>
          {cluster !== undefined && (
            <Fact name="Cluster" only={() => onOnly({ cluster })}>
              <span className="font-mono text-12">{visibleText(cluster)}</span>
            </Fact>
          )}
        </Facts>
      </DrawerSection>
      {facts.length > 0 && (
        <DrawerSection title="Details">
          <Facts>
            {facts.map(([name, value]) => (
              <Fact key={name} name={visibleText(name)}>
                <span className="font-mono text-12">{visibleText(String(value))}</span>
              </Fact>
            ))}
          </Facts>
        </DrawerSection>
      )}
      <DrawerSection title="From where">
        <Facts>
          <Fact name="Request">
            <Mono text={event.requestId} why="by no request" />
          </Fact>
          <Fact name="Address">
            <Mono text={event.address} why="not known" />
          </Fact>
          <Fact name="Program">
            {event.userAgent === '' ? <span className="text-ink-3">not told</span> : visibleText(event.userAgent)}
          </Fact>
        </Facts>
      </DrawerSection>
      <DrawerSection title="In the chain">
        <Facts>
          <Fact name="Hash">
            <Hash label="hash" hash={event.hash} />
          </Fact>
          <Fact name="Before it">
            <Hash label="hash of the event before" hash={event.prev} />
          </Fact>
        </Facts>
        <p className="mt-2 text-12 text-ink-3">
          The hash is over the one before, the number, and the event as it was written: a byte that changes in any of them is
          found.
        </p>
      </DrawerSection>
    </Drawer>
  );
}
interface AuditLogDrawerProps {
  event: AuditEvent;
  /** Narrows the list to what is given. */
  onOnly: (filter: Partial<AuditFilter>) => void;
  onClose: () => void;
}

const Facts = ({ children }: { children: ReactNode }) => (
  <dl className="grid grid-cols-[max-content_minmax(0,1fr)] gap-x-4 gap-y-1.5 text-13">{children}</dl>
);

function Fact({ name, only, children }: { name: string; only?: (() => void) | undefined; children: ReactNode }) {
  return (
    <>
      <dt className="max-w-32 wrap-anywhere text-ink-3">{name}</dt>
      <dd className="flex min-w-0 items-start justify-between gap-2 wrap-anywhere">
        <span className="min-w-0">{children}</span>
        {only && (
          <Button look="quiet" size="sm" onClick={only} aria-label={`Show only this: ${name.toLowerCase()}`}>
            Only this
          </Button>
        )}
      </dd>
    </>
  );
}

const Mono = ({ text, why }: { text: string; why: string }) =>
  text === '' ? <span className="text-ink-3">{why}</span> : <span className="font-mono text-12">{visibleText(text)}</span>;

const Hash = ({ hash, label }: { hash: string; label: string }) => (
  <span className="flex items-start gap-1">
    <code className="min-w-0 font-mono text-12 break-all">{visibleText(hash)}</code>
    <CopyButton look="quiet" text={hash} label={`Copy the ${label}`} />
  </span>
);
