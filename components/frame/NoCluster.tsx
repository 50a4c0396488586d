import { ButtonLink } from '#components/ui/Button.tsx';
import { CopyButton } from '#components/ui/CopyButton.tsx';
import { Empty } from '#components/ui/Faces.tsx';

const COMMAND = 'npm run up -- --relay HOST:4245';

/** No cluster yet, or none that this person may see: what would bring one. */
export function NoCluster({ mayAdd }: { mayAdd: boolean }) {
  return (
    <div className="rounded-md border border-line bg-surface">
      <Empty
        title="No cluster yet"
        action={
          <>
            {mayAdd && (
              <ButtonLink look="primary" href="/settings/clusters">
                Add a cluster
              </ButtonLink>
            )}
            <CopyButton text={COMMAND} label="Copy command">
              <span className="font-mono text-12">{COMMAND}</span>
            </CopyButton>
          </>
        }
      >
        {mayAdd
          ? 'Give the console the address of a Hubble Relay, here or when it starts. Without one, it starts with three demo clusters.'
          : 'None is set up, or your roles cover none of them. An administrator can add one or give you a role for it. Whoever starts the console can also name a relay:'}
      </Empty>
    </div>
  );
}
