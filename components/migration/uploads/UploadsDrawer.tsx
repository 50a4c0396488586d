'use client';
import type { Environment } from '#lib/api/common.ts';
import { EvidenceUploadList } from '#lib/api/migration.ts';
import { UPLOAD_KINDS } from '#lib/migration/model.ts';
import { Loaded } from '#components/live/Loaded.tsx';
import { useApi } from '#components/live/use-api.ts';
import { EnvironmentTag } from '#components/ui/Chip.tsx';
import { CopyButton } from '#components/ui/CopyButton.tsx';
import { Drawer, DrawerSection } from '#components/ui/Drawer.tsx';
import { Empty } from '#components/ui/Faces.tsx';
import { bytes } from '#components/ui/format.ts';
import { Time } from '#components/ui/Time.tsx';
import { migrationApi } from '../use-migration.ts';
import { visibleLine } from '../visible-lines.ts';
import { UploadEvidence } from './UploadEvidence.tsx';
import { UPLOAD_WORDS } from './upload-kinds.ts';

/** Evidence files of a cluster: add one, and what was added so far. */
export function UploadsDrawer({ cluster, clusterName, environment, mayEdit, onUploaded, onClose }: UploadsDrawerProps) {
  const state = useApi(`${migrationApi(cluster)}/uploads`, EvidenceUploadList);
  return (
    <Drawer
      kind="Evidence files"
      title={
        <span className="flex items-center gap-2">
          <EnvironmentTag environment={environment} /> {visibleLine(clusterName)}
        </span>
      }
      onClose={onClose}
    >
      <DrawerSection title="Upload evidence">
        {mayEdit ? (
          <UploadEvidence
            cluster={cluster}
            kinds={UPLOAD_KINDS}
            onUploaded={() => {
              state.reload();
              onUploaded();
            }}
          />
        ) : (
          <p className="text-13 text-ink-2">Uploading needs the role operator or approver for this cluster.</p>
        )}
        {mayEdit && <p className="mt-2 text-12 text-ink-3">Whoever uploads evidence for a phase cannot approve its gate.</p>}
      </DrawerSection>
      <DrawerSection title="Uploaded so far">
        <Loaded state={state}>
          {({ uploads }) =>
            uploads.length === 0 ? (
              <Empty className="p-0" title="No file yet">
                Checks that wait for one say so, with the command that makes it.
              </Empty>
            ) : (
              <ul className="flex flex-col">
                {uploads.map((upload) => (
                  <li key={upload.id} className="flex items-start gap-2 border-t border-line py-2 first:border-t-0 first:pt-0">
                    <div className="min-w-0 flex-1 text-13">
                      <p className="wrap-anywhere">
                        <span className="font-label">{UPLOAD_WORDS[upload.kind].name}</span>{' '}
                        {upload.superseded && <span className="text-12 text-ink-3">a newer one took its place</span>}
                      </p>
                      <p className="font-mono text-12 wrap-anywhere text-ink-2">{visibleLine(upload.fileName)}</p>
                      {upload.summary !== '' && <p className="text-12 wrap-anywhere text-ink-2">{visibleLine(upload.summary)}</p>}
                      <p className="text-12 text-ink-3">
                        {bytes(upload.bytes)} by {visibleLine(upload.by.name)}, <Time at={upload.at} />
                      </p>
                    </div>
                    <CopyButton look="quiet" text={upload.sha256} label="Copy its SHA-256" />
                  </li>
                ))}
              </ul>
            )
          }
        </Loaded>
      </DrawerSection>
    </Drawer>
  );
}
interface UploadsDrawerProps {
  cluster: string;
  clusterName: string;
  environment: Environment;
  mayEdit: boolean;
  onUploaded: () => void;
  onClose: () => void;
}
