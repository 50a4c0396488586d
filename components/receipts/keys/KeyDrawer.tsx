'use client';
import { type ReactNode, useState } from 'react';
import { KeyList, type SigningKey } from '#lib/api/receipts.ts';
import { visibleText } from '#lib/flow/text.ts';
import { callApi } from '#components/live/api.ts';
import { useNow } from '#components/live/use-now.ts';
import { Confirm } from '#components/settings/Confirm.tsx';
import { Field } from '#components/settings/Field.tsx';
import { CopyButton } from '#components/ui/CopyButton.tsx';
import { cx } from '#components/ui/cx.ts';
import { Drawer, DrawerSection } from '#components/ui/Drawer.tsx';
import { utc } from '#components/ui/format.ts';
import { Mark } from '#components/ui/Mark.tsx';
import { inputClass } from '#components/ui/SearchBox.tsx';
import { shortHash } from '../receipt-words.ts';
import { compromiseEffects, fromUtcField, ROLE_WORDS, stateWords } from './key-words.ts';
import { Entry } from './KeyTable.tsx';

/** One key: what it is, when it was in force, and the way to give it up. */
export function KeyDrawer({ entry, list, mayManage, onClose, onChanged }: KeyDrawerProps) {
  const { kid, role, state, x, source, isHere, validFrom, validTo, compromisedAt, introducedAt } = entry;
  const { mark, word, means } = stateWords(entry);
  return (
    <Drawer
      kind={ROLE_WORDS[role].name}
      title={<span className="font-mono">{shortHash(kid, 10, 6)}</span>}
      chips={
        <span className="inline-flex items-center gap-1.5 text-ink">
          <Mark name={mark} />
          {word}
        </span>
      }
      onClose={onClose}
      footer={
        <CopyButton text={x} label="Copy the public key">
          Copy public key
        </CopyButton>
      }
    >
      <DrawerSection>
        <p className="text-13">{means}</p>
        <dl className="mt-3 grid grid-cols-[auto_1fr] gap-x-4 gap-y-2 text-13">
          <Fact name="Thumbprint">
            <Mono text={kid} />
          </Fact>
          <Fact name="Public key">
            <Mono text={x} />
          </Fact>
          <Fact name={state === 'pending' ? 'Takes over' : 'In force from'}>{utc(validFrom)}</Fact>
          {validTo !== undefined && <Fact name="Until">{utc(validTo)}</Fact>}
          {compromisedAt !== undefined && <Fact name="Lost">{utc(compromisedAt)}</Fact>}
          <Fact name="Private part">
            <Mono text={visibleText(source)} />
            <span className="block text-12 text-ink-3">
              {isHere ? 'a file that this console alone can read; it is never shown, stored or sent' : 'not here'}
            </span>
          </Fact>
          <Fact name="Introduced by">
            {introducedAt === undefined ? 'no entry of this cluster’s log yet' : <Entry seq={introducedAt} />}
          </Fact>
        </dl>
      </DrawerSection>
      {mayManage && state !== 'compromised' && <GiveUp entry={entry} list={list} onChanged={onChanged} />}
    </Drawer>
  );
}
interface KeyDrawerProps {
  entry: SigningKey;
  list: KeyList;
  mayManage: boolean;
  onClose: () => void;
  onChanged: () => void;
}

function GiveUp({ entry, list, onChanged }: { entry: SigningKey; list: KeyList; onChanged: () => void }) {
  const now = useNow();
  const [since, setSince] = useState<string>();
  const [reason, setReason] = useState('');
  const at = fromUtcField(since ?? '');
  const isLate = at !== undefined && now !== 0 && at > now;
  const problem = at === undefined ? 'A date and a time.' : isLate ? 'A time that has passed.' : undefined;
  const ready = problem === undefined && reason.trim().length >= 10;
  return (
    <DrawerSection title="Mark as compromised">
      <div className="flex flex-col gap-3">
        <p className="text-13 text-ink-2">
          When its private part may be in other hands, or is gone. Give the earliest time at which that can have happened.
        </p>
        <Field label="Since when, UTC" problem={since === undefined ? undefined : problem}>
          <input
            type="datetime-local"
            value={since ?? ''}
            onChange={({ target }) => setSince(target.value)}
            className={cx(inputClass, 'num max-w-60')}
          />
        </Field>
        <Field label="What happened" hint="At least ten letters. It goes into the audit log.">
          <input
            value={reason}
            maxLength={500}
            onChange={({ target }) => setReason(target.value)}
            className={inputClass}
            autoComplete="off"
          />
        </Field>
        <div>
          <Confirm
            button="Mark as compromised"
            disabled={!ready}
            question={`Give up ${ROLE_WORDS[entry.role].name.toLowerCase()} ${shortHash(entry.kid)}?`}
            effect={<Effects lines={compromiseEffects(entry, at ?? 0, list)} />}
            typeName={entry.kid.slice(0, 6)}
            action={async () => {
              await callApi(`/api/v1/keys/${encodeURIComponent(entry.kid)}/compromise`, KeyList, {
                method: 'POST',
                json: { at, reason: reason.trim() },
              });
              onChanged();
            }}
          />
          {!ready && <p className="mt-1 text-12 text-ink-3">It waits for a time and for what happened.</p>}
        </div>
      </div>
    </DrawerSection>
  );
}

/** What will be different, sentence by sentence. */
const Effects = ({ lines }: { lines: readonly string[] }) => (
  <>
    {lines.map((line) => (
      <span key={line} className="mb-1 block">
        {line}
      </span>
    ))}
  </>
);

const Mono = ({ text }: { text: string }) => <code className="font-mono text-12 break-all">{text}</code>;

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-12 whitespace-nowrap text-ink-3">{name}</dt>
      <dd className="min-w-0">{children}</dd>
    </>
  );
}
