import type { ReactNode } from 'react';
import { Button } from '#components/ui/Button.tsx';
import { CopyButton } from '#components/ui/CopyButton.tsx';

/** A secret that can be read now and never again. `children` say what it is for. */
export function ShownOnce({ name, secret, onDone, children }: ShownOnceProps) {
  return (
    <section
      aria-labelledby="secret"
      className="flex flex-col items-start gap-3 rounded-md border border-accent-line bg-accent-tint p-4"
    >
      <h2 id="secret" className="text-14 font-title wrap-anywhere">
        The secret of {name}
      </h2>
      <p className="text-13 text-ink-2">{children}</p>
      <code className="max-w-full rounded-sm border border-line bg-surface px-3 py-2 font-mono text-12 break-all select-all">
        {secret}
      </code>
      <div className="flex flex-wrap gap-2">
        <CopyButton text={secret} label="Copy the secret">
          Copy secret
        </CopyButton>
        <Button onClick={onDone}>I have stored it</Button>
      </div>
    </section>
  );
}
interface ShownOnceProps {
  name: string;
  secret: string;
  onDone: () => void;
  children: ReactNode;
}
