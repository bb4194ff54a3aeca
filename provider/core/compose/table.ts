import type { Format, ServiceDraft } from "./draft";
import type { FieldTable } from "./fields";
import { deployFields, deployResourceFields, limitFields } from "./fields/deploy";
import { reservationFields, restartPolicyFields, scaleFields } from "./fields/deploy";
import { envFileFields, environmentFields } from "./fields/environment";
import { dependencyFields, figNetworkFields, networkFields } from "./fields/network";
import { figLoggingFields, healthcheckFields, loggingFields } from "./fields/process";
import { processFields } from "./fields/process";
import { refusedInCompose, refusedInFig, refusedServiceKeys } from "./fields/refused";
import { resourceFields, ulimitFields } from "./fields/resources";
import { securityFields } from "./fields/security";
import { deviceFields, figStorageFields, storageFields } from "./fields/storage";
import { portFields } from "./ports";
import { topLevelFields, volumeFields } from "./top-level";
import { mountFields, tmpfsFields } from "./volumes";

const common: FieldTable<ServiceDraft> = {
  ...processFields,
  ...environmentFields,
  ...networkFields,
  ...storageFields,
  ...resourceFields,
  ...securityFields,
  ...scaleFields,
  ...refusedServiceKeys,
};

const figOnly: FieldTable<ServiceDraft> = {
  ...figNetworkFields,
  ...figStorageFields,
  ...figLoggingFields,
  ...refusedInFig,
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
  Services: rows(serviceFields.compose),
  "Services in fig files": rows(figOnly),
  "`ports`, long syntax": rows(portFields),
  "`volumes` of a service, long syntax": rows(mountFields),
  "`volumes[].tmpfs`": rows(tmpfsFields),
  "`depends_on`, long syntax": rows(dependencyFields),
  "`env_file`, long syntax": rows(envFileFields),
  "`devices`, long syntax": rows(deviceFields),
  "`ulimits`, long syntax": rows(ulimitFields),
  "`healthcheck`": rows(healthcheckFields),
  "`logging`": rows(loggingFields),
  "`deploy`": rows(deployFields),
  "`deploy.resources`": rows(deployResourceFields),
  "`deploy.resources.limits`": rows(limitFields),
  "`deploy.resources.reservations`": rows(reservationFields),
  "`deploy.restart_policy`": rows(restartPolicyFields),
};
