import { VolumeDrivers } from "../../core/volume/driver";
import { dockerDriver } from "./drivers/docker-driver";
import { flockerDriver } from "./drivers/flocker-driver";
import { folderDriver } from "./drivers/folder-driver";
import { hostDriver } from "./drivers/host-driver";

/** The volume drivers that Ferry knows: a row each, and whatever Docker knows. */
export const volumeDrivers = new VolumeDrivers(
  [hostDriver, folderDriver],
  dockerDriver,
  flockerDriver(),
);
