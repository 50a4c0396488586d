'use client';
import { type FormEvent, useState } from 'react';
import { KeyList } from '#lib/api/receipts.ts';
import { messageOf } from '#lib/errors/errors.ts';
import { visibleText } from '#lib/flow/text.ts';
import { keyOfJwkX, keyProblem } from '#lib/receipts/public-key.ts';
import { parseTrust } from '#lib/receipts/trust.ts';
import { callApi } from '#components/live/api.ts';
import { Field } from '#components/settings/Field.tsx';
import { useAction } from '#components/settings/use-action.ts';
import { Button, buttonClass } from '#components/ui/Button.tsx';
import { CopyButton } from '#components/ui/CopyButton.tsx';
import { cx } from '#components/ui/cx.ts';
import { Drawer, DrawerSection } from '#components/ui/Drawer.tsx';
import { Failed } from '#components/ui/Faces.tsx';
import { Mark } from '#components/ui/Mark.tsx';
import { inputClass } from '#components/ui/SearchBox.tsx';
import { FileButton } from '../verify/FileButton.tsx';
import { TRUST_URL } from '../verify/use-trust.ts';

const SIGN = 'causeway keys root sign trust.json --key root.pem --out trust.signed.json';

/** The way of a trust bundle to the root and back: download, sign on a machine that is offline, take over. */
export function TrustDrawer({ root, onClose, onTaken }: TrustDrawerProps) {
  const [file, setFile] = useState<{ readonly name: string; readonly text: string; readonly problem: string }>();
  const [key, setKey] = useState(root?.x ?? '');
  const { busy, problem, run } = useAction();
  const keyTrouble = key === '' ? undefined : troubleOf(key);
  const waits =
    !file || file.problem !== ''
      ? 'a signed bundle'
      : key === '' || keyTrouble !== undefined
        ? 'the root’s public key'
        : undefined;
  const take = async (event: FormEvent) => {
    event.preventDefault();
    if (!file || waits !== undefined) return;
    await run(async () => {
      await callApi('/api/v1/keys/trust', KeyList, { method: 'PUT', json: { bundle: file.text, root: key } });
      onTaken();
    });
  };
  return (
    <Drawer
      kind="Trust bundle"
      title="Have a root sign it"
      onClose={onClose}
      footer={
        <>
          <Button look="primary" type="submit" form="trust-form" disabled={busy || waits !== undefined}>
            Take over
          </Button>
          {waits !== undefined && <span className="text-12 text-ink-3">It waits for {waits}.</span>}
        </>
      }
    >
      <DrawerSection title="1. Download the present state">
        <a href={`${TRUST_URL}?present=1`} download="trust.json" className={buttonClass()}>
          Download to be signed
        </a>
      </DrawerSection>
      <DrawerSection title="2. Sign it where the root’s key is">
        <p className="mb-2 text-13 text-ink-2">
          On a machine without a network. A root’s key is made once, by{' '}
          <code className="font-mono text-12">causeway keys root new</code>.
        </p>
        <div className="flex items-start gap-2">
          <code className="min-w-0 font-mono text-12 break-all">{SIGN}</code>
          <CopyButton text={SIGN} label="Copy the command" look="quiet" />
        </div>
      </DrawerSection>
      <form id="trust-form" onSubmit={(event) => void take(event)} noValidate>
        <DrawerSection title="3. Bring it back">
          <div className="flex flex-col items-start gap-3">
            <FileButton
              label="Signed trust bundle"
              accept=".json,application/json"
              size="md"
              onFiles={([chosen]) => {
                if (chosen) void readBundle(chosen).then(setFile);
              }}
            >
              Choose the signed file
            </FileButton>
            {file && <Chosen file={file} />}
            <div className="w-full">
              <Field label="Public key of the root" hint="As causeway keys root new printed it." problem={keyTrouble}>
                <input
                  value={key}
                  onChange={({ target }) => setKey(target.value.trim())}
                  className={cx(inputClass, 'w-full font-mono text-12')}
                  autoComplete="off"
                  spellCheck={false}
                />
              </Field>
            </div>
            {problem && <Failed problem={problem} className="px-0" />}
          </div>
        </DrawerSection>
      </form>
    </Drawer>
  );
}
interface TrustDrawerProps {
  root: KeyList['root'];
  onClose: () => void;
  onTaken: () => void;
}

function Chosen({ file: { name, problem } }: { file: { readonly name: string; readonly problem: string } }) {
  return (
    <p role={problem === '' ? undefined : 'alert'} className="flex gap-2 text-12">
      <Mark name={problem === '' ? 'pass' : 'error'} className="mt-0.5" />
      <span className="min-w-0 wrap-anywhere">
        {visibleText(name)}
        {problem === '' ? ': a signed trust bundle' : `: ${visibleText(problem)}`}
      </span>
    </p>
  );
}

const MOST_BYTES = 60_000;

async function readBundle(chosen: File): Promise<{ name: string; text: string; problem: string }> {
  const { name } = chosen;
  if (chosen.size > MOST_BYTES) return { name, text: '', problem: `larger than ${MOST_BYTES} bytes` };
  const text = await chosen.text();
  try {
    const { file } = parseTrust(text);
    return { name, text, problem: file.signature ? '' : 'it carries no signature of a root' };
  } catch (error) {
    return { name, text, problem: messageOf(error) };
  }
}

function troubleOf(x: string): string | undefined {
  const key = keyOfJwkX(x);
  if (!key) return 'This is no Ed25519 key in base64url: 43 letters.';
  const problem = keyProblem(key);
  return problem && `This key is refused: ${problem}.`;
}
