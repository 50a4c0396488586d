'use client';
import { type FormEvent, useState } from 'react';
import { KeyList, type SigningKey } from '#lib/api/receipts.ts';
import { callApi } from '#components/live/api.ts';
import { Field } from '#components/settings/Field.tsx';
import { useAction } from '#components/settings/use-action.ts';
import { Button } from '#components/ui/Button.tsx';
import { Drawer, DrawerSection } from '#components/ui/Drawer.tsx';
import { Failed } from '#components/ui/Faces.tsx';
import { Mark } from '#components/ui/Mark.tsx';
import { inputClass } from '#components/ui/SearchBox.tsx';
import { overlapWords, ROLE_WORDS, whyNoRotation } from './key-words.ts';

/** Brings in a new key for a role: what happens when, why it cannot be now, and the one button. */
export function RotateDrawer({ role, list, onClose, onRotated }: RotateDrawerProps) {
  const [reason, setReason] = useState('');
  const { busy, problem, run } = useAction();
  const { name, signs } = ROLE_WORDS[role];
  const why = whyNoRotation(role, list);
  const rotate = async (event: FormEvent) => {
    event.preventDefault();
    await run(async () => {
      await callApi('/api/v1/keys/rotation', KeyList, {
        method: 'POST',
        json: { role, reason: reason.trim() },
        headers: { 'idempotency-key': crypto.randomUUID() },
      });
      onRotated();
    });
  };
  return (
    <Drawer
      kind={name}
      title="Rotate"
      onClose={onClose}
      footer={
        why === undefined && (
          <>
            <Button look="primary" type="submit" form="rotate-form" disabled={busy || reason.trim().length < 3}>
              Introduce a new key
            </Button>
            {reason.trim().length < 3 && <span className="text-12 text-ink-3">It waits for a reason.</span>}
          </>
        )
      }
    >
      {why !== undefined && (
        <DrawerSection tone="advice">
          <p className="flex gap-2 text-13">
            <Mark name="advice" className="mt-1" />
            <span className="min-w-0 wrap-anywhere">{why}</span>
          </p>
        </DrawerSection>
      )}
      <DrawerSection title="What happens">
        <ol className="ml-4 flex list-decimal flex-col gap-1.5 text-13">
          <li>A new key is introduced, signed by itself and by the key in force. The next entry of every log carries that.</li>
          <li>
            For {overlapWords(list.overlapMs)} the key in force signs {signs} as before, and everybody can fetch the trust bundle
            with the new one.
          </li>
          <li>
            Then the new key signs. A little later the old one retires: what it signed stays valid, and its private part is
            removed.
          </li>
        </ol>
        {list.root && (
          <p className="mt-3 text-13 text-ink-2">
            The root has to sign the trust bundle anew in this time: who believes the root refuses what the new key signs until
            then.
          </p>
        )}
      </DrawerSection>
      {why === undefined && (
        <form id="rotate-form" onSubmit={(event) => void rotate(event)} noValidate>
          <DrawerSection>
            <Field label="Reason" hint="It goes into the audit log.">
              <input
                value={reason}
                maxLength={500}
                onChange={({ target }) => setReason(target.value)}
                className={inputClass}
                autoComplete="off"
              />
            </Field>
            {problem && <Failed problem={problem} className="px-0" />}
          </DrawerSection>
        </form>
      )}
    </Drawer>
  );
}
interface RotateDrawerProps {
  role: SigningKey['role'];
  list: KeyList;
  onClose: () => void;
  onRotated: () => void;
}
