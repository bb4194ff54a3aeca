import type { Format, ServiceDraft } from "./draft";
import type { FieldTable } from "./fields";
import { rollbackConfigFields, updateConfigFields } from "./fields/changes";
import { deployFields, deployResourceFields, limitFields } from "./fields/deploy";
import { reservationFields, restartPolicyFields, scaleFields } from "./fields/deploy";
import { envFileFields, environmentFields } from "./fields/environment";
import { blockIoFields, blockIoRateFields, deviceRequestFields, hostFields } from "./fields/host";
import { fileFields, mountedFileFields, namedFileFields } from "./fields/files";
import { dependencyFields, figNetworkFields, networkFields } from "./fields/network";
import { figLoggingFields, healthcheckFields, loggingFields } from "./fields/process";
import { placementFields, preferenceFields } from "./fields/placement";
import { processFields } from "./fields/process";
import { buildFields, figDockerfile } from "./fields/build";
import { hookFields, lifecycleFields } from "./fields/lifecycle";
import { refusedInCompose, refusedServiceKeys } from "./fields/refused";
import { resourceFields, ulimitFields } from "./fields/resources";
import { securityFields } from "./fields/security";
import { deviceFields, figStorageFields, storageFields } from "./fields/storage";
import { serviceNetworkFields, topLevelNetworkFields } from "./networks";
import { portFields } from "./published-ports";
import { topLevelFields, volumeFields, volumeWords } from "./top-level";
import { ferryFields, serviceWords } from "./travelling";
import { bindFields, mountedVolumeFields, mountFields, tmpfsFields } from "./mounts";

const common: FieldTable<ServiceDraft> = {
  ...processFields,
  ...environmentFields,
  ...networkFields,
  ...storageFields,
  ...resourceFields,
  ...securityFields,
  ...fileFields,
  ...scaleFields,
  ...hostFields,
  ...lifecycleFields,
  ...refusedServiceKeys,
};

const figOnly: FieldTable<ServiceDraft> = {
  ...figNetworkFields,
  ...figStorageFields,
  ...figLoggingFields,
  dockerfile: figDockerfile,
};

/** Every key of a service, by the format of the file. */
export const serviceFields: Readonly<Record<Format, FieldTable<ServiceDraft>>> = {
  compose: { ...common, ...refusedInCompose },
  fig: { ...common, ...figOnly },
};

/** One row of docs/compose.md. */
export interface DocumentedField {
  readonly key: string;
  readonly supported: boolean;
  /** How it is supported, or why it is not and what to do. */
  readonly text: string;
}

function rows<D>(table: FieldTable<D>): readonly DocumentedField[] {
  return Object.entries(table)
    .map(([key, field]) => ({
      key,
      supported: "how" in field,
      text: "how" in field ? field.how : field.reason,
    }))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** Every table by the heading that docs/compose.md has it under; a test keeps the two the same. */
export const documentedTables: Readonly<Record<string, readonly DocumentedField[]>> = {
  "Top level": rows(topLevelFields),
  "`volumes.<name>`": rows(volumeFields),
  "`x-ferry` of `volumes.<name>`": rows(volumeWords),
  Services: rows(serviceFields.compose),
  "Services in fig files": rows(figOnly),
  "`build`": rows(buildFields),
  "`ports`, long syntax": rows(portFields),
  "`networks.<name>`": rows(topLevelNetworkFields),
  "`networks` of a service, long syntax": rows(serviceNetworkFields),
  "`secrets.<name>` and `configs.<name>`": rows(namedFileFields),
  "`secrets` and `configs` of a service, long syntax": rows(mountedFileFields),
  "`x-ferry` of a service, and of `volumes[]` in the long syntax": rows(ferryFields),
  "`x-ferry` of a service, beside these": rows(serviceWords),
  "`volumes` of a service, long syntax": rows(mountFields),
  "`volumes[].bind`": rows(bindFields),
  "`volumes[].volume`": rows(mountedVolumeFields),
  "`volumes[].tmpfs`": rows(tmpfsFields),
  "`depends_on`, long syntax": rows(dependencyFields),
  "`env_file`, long syntax": rows(envFileFields),
  "`devices`, long syntax": rows(deviceFields),
  "`gpus`, long syntax": rows(deviceRequestFields),
  "`blkio_config`": rows(blockIoFields),
  "`blkio_config`, one entry of a list": rows(blockIoRateFields),
  "`ulimits`, long syntax": rows(ulimitFields),
  "`healthcheck`": rows(healthcheckFields),
  "`logging`": rows(loggingFields),
  "`post_start` and `pre_stop`": rows(hookFields),
  "`deploy`": rows(deployFields),
  "`deploy.placement`": rows(placementFields),
  "`deploy.placement.preferences[]`": rows(preferenceFields),
  "`deploy.resources`": rows(deployResourceFields),
  "`deploy.resources.limits`": rows(limitFields),
  "`deploy.resources.reservations`": rows(reservationFields),
  "`deploy.restart_policy`": rows(restartPolicyFields),
  "`deploy.rollback_config`": rows(rollbackConfigFields),
  "`deploy.update_config`": rows(updateConfigFields),
};
