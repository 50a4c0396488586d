import { CopyButton } from '#components/ui/CopyButton.tsx';
import { cx } from '#components/ui/cx.ts';

const WAYS = [
  { command: 'causeway up --kubeconfig ~/.kube/config', does: 'reads the Kubernetes API, lists and watches only' },
  { command: 'causeway up --objects DIR', does: 'reads a folder of YAML or JSON and follows its changes' },
] as const;

/** The commands that give the console the objects of a cluster. */
export function WaysToObjects({ className }: { className?: string }) {
  return (
    <ul className={cx('flex flex-col gap-2', className)}>
      {WAYS.map(({ command, does }) => (
        <li key={command} className="flex items-center gap-2">
          <CopyButton text={command} label={`Copy command: ${command}`} look="quiet" />
          <span className="min-w-0">
            <code className="font-mono text-12 wrap-anywhere text-ink">{command}</code>
            <span className="block text-12 text-ink-3">{does}</span>
          </span>
        </li>
      ))}
    </ul>
  );
}
