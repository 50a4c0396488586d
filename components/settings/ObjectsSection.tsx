import { DrawerSection } from '#components/ui/Drawer.tsx';
import { inputClass } from '#components/ui/SearchBox.tsx';
import { Segmented } from '#components/ui/Segmented.tsx';
import { type ClusterForm, type FormProblems, OBJECT_SOURCES } from './cluster-form.ts';
import { Field } from './Field.tsx';

/** The part of a cluster's form that says where its Kubernetes objects are read. */
export function ObjectsSection({ form, problems, onChange }: ObjectsSectionProps) {
  const text = (field: 'kubeconfig' | 'context' | 'namespaces' | 'path') => ({
    value: form[field],
    onChange: (event: { target: { value: string } }) => onChange({ [field]: event.target.value }),
    className: `${inputClass} font-mono`,
    autoComplete: 'off',
    spellCheck: false,
  });
  const from = form.objectsFrom;
  return (
    <DrawerSection title="Kubernetes objects">
      <div className="flex flex-col gap-3">
        <p className="text-12 text-ink-2">Policies, pods and services: what policy answers rest on. They are only read.</p>
        <Segmented
          label="Kubernetes objects are read from"
          value={from}
          onChange={(objectsFrom) => onChange({ objectsFrom })}
          options={OBJECT_SOURCES}
        />
        {from === 'none' && (
          <p className="text-12 text-ink-2">Nothing is read by itself: upload what kubectl prints on the page Policies.</p>
        )}
        {from === 'service-account' && (
          <p className="text-12 text-ink-2">The API server of the cluster that ingest runs in, by its service account.</p>
        )}
        {from === 'kubeconfig' && (
          <>
            <Field label="Kubeconfig file" hint="A path on ingest's host." problem={problems.kubeconfig}>
              <input {...text('kubeconfig')} placeholder="/etc/causeway/kube/config" />
            </Field>
            <Field label="Context" hint="Empty: the file's current one." problem={problems.context}>
              <input {...text('context')} />
            </Field>
          </>
        )}
        {(from === 'kubeconfig' || from === 'service-account') && (
          <Field
            label="Only these namespaces"
            hint="Where the rights do not reach the whole cluster. Empty: all of it."
            problem={problems.namespaces}
          >
            <input {...text('namespaces')} placeholder="payments, ledger" />
          </Field>
        )}
        {from === 'folder' && (
          <Field label="Folder" hint="On ingest's host, with files that kubectl printed." problem={problems.path}>
            <input {...text('path')} placeholder="/etc/causeway/objects" />
          </Field>
        )}
      </div>
    </DrawerSection>
  );
}
interface ObjectsSectionProps {
  form: ClusterForm;
  problems: FormProblems;
  onChange: (change: Partial<ClusterForm>) => void;
}
