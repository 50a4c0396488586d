'use client';
import type { SigningKey } from '#lib/api/receipts.ts';
import { visibleText } from '#lib/flow/text.ts';
import { useConsole } from '#components/live/use-console.ts';
import { exact } from '#components/ui/format.ts';
import { Mark } from '#components/ui/Mark.tsx';
import { Unknown } from '#components/ui/Num.tsx';
import { Table, Td, Th, Tr } from '#components/ui/Table.tsx';
import { Time } from '#components/ui/Time.tsx';
import { shortHash } from '../receipt-words.ts';
import { inForceWords, ROLE_WORDS, stateWords } from './key-words.ts';

/** The keys, those that sign first. A row opens the key. */
export function KeyTable({ keys, selected, onOpen }: KeyTableProps) {
  return (
    <div className="@container">
      <Table caption="Keys">
        <thead>
          <tr>
            <Th>Key</Th>
            <Th>State</Th>
            <Th className="hidden @2xl:table-cell">In force</Th>
            <Th className="hidden @4xl:table-cell">Private part</Th>
            <Th className="hidden w-44 @3xl:table-cell">Introduced by</Th>
          </tr>
        </thead>
        <tbody>
          {keys.map((key) => (
            <Row key={key.kid} entry={key} selected={key.kid === selected} onOpen={onOpen} />
          ))}
        </tbody>
      </Table>
    </div>
  );
}
interface KeyTableProps {
  keys: readonly SigningKey[];
  /** Thumbprint of the one whose drawer is open. */
  selected: string | null;
  onOpen: (kid: string) => void;
}

function Row({ entry, selected, onOpen }: { entry: SigningKey; selected: boolean; onOpen: (kid: string) => void }) {
  const { kid, role, state, validFrom, source, isHere, introducedAt } = entry;
  const { mark, word, means } = stateWords(entry);
  return (
    <Tr dense={false} selected={selected} className="align-top *:py-2">
      <Td>
        <button
          type="button"
          aria-label={`${ROLE_WORDS[role].name} ${kid}`}
          className="ring-focus flex flex-col items-start rounded-sm text-left hover:underline"
          onClick={() => onOpen(kid)}
        >
          <span className="font-title">{ROLE_WORDS[role].name}</span>
          <span className="font-mono text-12 text-ink-3">{shortHash(kid)}</span>
        </button>
      </Td>
      <Td className="max-w-72">
        <span className="inline-flex items-center gap-1.5 font-label">
          <Mark name={mark} />
          {word}
        </span>
        <span className="block text-12 text-ink-3">
          {state === 'pending' ? (
            <>
              takes over <Time at={validFrom} />
            </>
          ) : (
            means
          )}
        </span>
      </Td>
      <Td className="hidden text-ink-2 @2xl:table-cell">{inForceWords(entry)}</Td>
      <Td className="hidden max-w-64 @4xl:table-cell">
        <span className="block font-mono text-12 wrap-anywhere">{visibleText(source)}</span>
        <span className="block text-12 text-ink-3">{whereWords(isHere, state)}</span>
      </Td>
      <Td className="hidden @3xl:table-cell">
        {introducedAt === undefined ? (
          <Unknown why="no entry of this cluster’s log has introduced it yet" />
        ) : (
          <Entry seq={introducedAt} />
        )}
      </Td>
    </Tr>
  );
}

function whereWords(isHere: boolean, state: SigningKey['state']): string {
  if (isHere) return 'here, readable by this console alone';
  return state === 'retired' || state === 'compromised' ? 'no longer here' : 'not here';
}

/** The entry of the log, as the way to its batch. */
export function Entry({ seq }: { seq: number }) {
  const { cluster } = useConsole();
  return (
    <a
      href={`/c/${encodeURIComponent(cluster)}/receipts/batches?batch=${seq}&upto=${seq}`}
      className="ring-focus rounded-sm text-accent-text hover:underline"
    >
      batch {exact(seq)}
    </a>
  );
}
