import { ButtonLink } from '#components/ui/Button.tsx';

/** There is nothing at this address, or nothing that this person may see: the two are not told apart. */
export function NotFound() {
  return (
    <div className="mx-auto flex max-w-prose flex-col items-start gap-3 px-4 py-16">
      <h1 className="text-20 font-title">There is nothing here</h1>
      <p className="text-14 text-ink-2">
        The address is not one of this console, or it belongs to a cluster that is gone or that your roles do not cover. If
        someone sent you the link, ask them for the cluster it is about.
      </p>
      <ButtonLink href="/" look="primary">
        Go to the start page
      </ButtonLink>
    </div>
  );
}
