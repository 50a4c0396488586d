import { cx } from './cx.ts';

/** `payments/`**`ledger`**: the namespace in a quieter ink than the name. Names outside the cluster have no namespace. */
export function EndpointName({ namespace, name, className }: { namespace: string; name: string; className?: string }) {
  return (
    <span className={cx('min-w-0 truncate font-mono text-12', className)} title={namespace ? `${namespace}/${name}` : name}>
      {namespace !== '' && <span className="text-ink-3">{namespace}/</span>}
      <span className="text-ink">{name}</span>
    </span>
  );
}

/** A map id (`payments/ledger`, `entity:world`, `fqdn:api.example.com`) split for `EndpointName`. */
export function endpointOfId(id: string): { namespace: string; name: string } {
  const outside = /^(?:entity|fqdn|cidr):(.+)$/s.exec(id);
  if (outside?.[1] !== undefined) return { namespace: '', name: outside[1] };
  const slash = id.indexOf('/');
  return slash < 0 ? { namespace: '', name: id } : { namespace: id.slice(0, slash), name: id.slice(slash + 1) };
}

/** Source, arrow, destination. */
export function PairName({ source, destination, className }: { source: string; destination: string; className?: string }) {
  return (
    <span className={cx('flex min-w-0 flex-wrap items-center gap-x-2', className)}>
      <EndpointName {...endpointOfId(source)} />
      <span aria-hidden="true" className="font-mono text-12 text-ink-3">
        →
      </span>
      <span className="sr-only"> to </span>
      <EndpointName {...endpointOfId(destination)} />
    </span>
  );
}
