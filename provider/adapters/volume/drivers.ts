import { VolumeDrivers } from "../../core/volume/driver";
import { hostDriver } from "./drivers/host-driver";

/** The volume drivers that Ferry knows: a row each. */
export const volumeDrivers = new VolumeDrivers([hostDriver]);
