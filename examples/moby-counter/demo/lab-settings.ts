import { createHash } from "node:crypto";
import { Config, RunError, runtime } from "@pulumi/pulumi";
import { labConnections } from "../../../lab/connection";
import { LabError } from "../../../lab/errors";

/** What a user would set with `pulumi config set`, from the lab that is up; in no file of a stack's. */

const { name } = new Config();
const connections = Object.entries(ofTheLab());
const privateKey = connections[0]?.[1].privateKey ?? "";
const hosts = connections.map(([node, { host, hostKey }]) => [node, { host, hostKey }] as const);

runtime.setConfig(`${name}:hosts`, JSON.stringify(Object.fromEntries(hosts)));
runtime.setConfig(`${name}:privateKey`, privateKey);
// A secret that is the same at each run, and another one for hosts that are made anew.
const password = createHash("sha256").update(`weave ${privateKey}`).digest("base64url");
runtime.setConfig(`${name}:weavePassword`, password);

function ofTheLab() {
  try {
    return labConnections();
  } catch (error) {
    // Pulumi shows the whole stack of any other error.
    throw error instanceof LabError ? new RunError(error.message) : error;
  }
}
