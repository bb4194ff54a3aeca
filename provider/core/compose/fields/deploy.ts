import type { RestartPolicy } from "../../container-spec";
import { network } from "../../network";
import { property, setProperty, setScale, type Placed, type ServiceDraft } from "../draft";
import {
  into,
  passedOver,
  readFields,
  refuse,
  unlessEmpty,
  withoutEffect,
  type FieldTable,
} from "../fields";
import { changeFields } from "./changes";
import { reservedDevices } from "./host";
import { placementFields, wish } from "./placement";
import { integer, isZero, oneOf, positiveDecimal, size } from "../scalars";

const scale = integer(0, 1000);

const SCALE = "Whole number, 0 to 1000. 1 when absent. The program's own `scale` wins.";

export const limitFields: FieldTable<ServiceDraft> = {
  cpus: unlessEmpty(property("cpus", positiveDecimal, "As the service's `cpus`."), isZero),
  memory: property("memoryBytes", size, "As the service's `mem_limit`."),
  pids: property("pidsLimit", integer(-1), "As the service's `pids_limit`."),
};

export const reservationFields: FieldTable<ServiceDraft> = {
  memory: {
    how: "As the service's `mem_reservation`, and kept free on the host that it is placed on.",
    parse(node, at, draft) {
      const value = size(node, at);
      if (value === undefined) return;
      setProperty(draft, "memoryReservationBytes", value, at);
      wish(draft, { memory: value });
    },
  },
  cpus: unlessEmpty(
    {
      how: "Kept free on the host that it is placed on; no matter of the container's.",
      parse(node, at, draft) {
        const value = positiveDecimal(node, at);
        if (value !== undefined) wish(draft, { cpus: value });
      },
    },
    isZero,
  ),
  devices: reservedDevices,
  generic_resources: refuse("they belong to Swarm. Place the service with the program's `hosts`."),
};

export const deployResourceFields: FieldTable<ServiceDraft> = {
  limits: {
    how: "`cpus`, `memory` and `pids`.",
    parse: (node, at, draft) => void readFields(limitFields, node, at, draft),
  },
  reservations: {
    how: "`cpus`, `memory` and `devices`.",
    parse: (node, at, draft) => void readFields(reservationFields, node, at, draft),
  },
};

/** In Compose's words, which are Swarm's and Docker's own. */
const CONDITIONS = {
  none: "no",
  "on-failure": "on-failure",
  any: "always",
  always: "always",
  "unless-stopped": "unless-stopped",
} as const;

interface RestartDraft {
  condition?: keyof typeof CONDITIONS;
  attempts?: Placed<number>;
}

export const restartPolicyFields: FieldTable<RestartDraft> = {
  condition: unlessEmpty(
    into(
      "condition",
      oneOf("none", "on-failure", "any", "always", "unless-stopped"),
      "none, on-failure, unless-stopped or any (default), which is the same as always.",
    ),
  ),
  max_attempts: {
    how: "How often at most. With on-failure only: Docker bounds no other restarts.",
    parse(node, at, draft) {
      const value = integer(0)(node, at);
      if (value !== undefined) draft.attempts = { value, at };
    },
  },
  delay: passedOver("Docker chooses the pause between restarts itself."),
  window: passedOver("Docker chooses itself when a restart has worked."),
};

export const deployFields: FieldTable<ServiceDraft> = {
  replicas: {
    how: SCALE,
    parse(node, at, draft) {
      const value = scale(node, at);
      if (value !== undefined) setScale(draft, value, at);
    },
  },
  resources: {
    how: "`limits` and `reservations`.",
    parse: (node, at, draft) => void readFields(deployResourceFields, node, at, draft),
  },
  restart_policy: {
    how: "`condition` and `max_attempts`; wins over the service's `restart`.",
    parse(node, at, draft) {
      const read: RestartDraft = {};
      if (!readFields(restartPolicyFields, node, at, read)) return;
      const { condition = "any", attempts } = read;
      const name = CONDITIONS[condition];
      if (attempts !== undefined && name !== "on-failure")
        attempts.at.note(
          "counts with `condition: on-failure` only, as Docker bounds no other restarts.",
        );
      const bounded = attempts !== undefined && attempts.value > 0 && name === "on-failure";
      const policy: RestartPolicy = {
        name,
        ...(bounded ? { maximumRetryCount: attempts.value } : {}),
      };
      // As in Compose it wins over the service's own `restart`, wherever that stands.
      draft.deployRestart = { value: policy, at };
    },
  },
  mode: withoutEffect(
    (node, at) => (node === "global" ? at.problem(GLOBAL) : oneOf("replicated")(node, at)),
    'replicated. In place of global: one replica for each host, `scale: { web: 2 }` with `hosts: { web: ["node1", "node2"] }`.',
  ),
  placement: {
    how: "`constraints` and `preferences`. See placement.md.",
    parse: (node, at, draft) => void readFields(placementFields, node, at, draft),
  },
  labels: passedOver(
    "they belong to Swarm's services; containers have the service's own `labels`.",
  ),
  ...changeFields,
  endpoint_mode: passedOver(`${network.name}'s DNS answers with the addresses of all replicas.`),
};

const GLOBAL =
  "'global' is Swarm's: one on each host, also on those that come later, whose addresses nothing has planned. Write replicated, and " +
  'give the deployment as many as there are hosts: `scale: { web: 2 }` with `hosts: { web: ["node1", "node2"] }`.';

export const scaleFields: FieldTable<ServiceDraft> = {
  scale: {
    how: `${SCALE} The same as \`deploy.replicas\`.`,
    parse(node, at, draft) {
      const value = scale(node, at);
      if (value !== undefined) setScale(draft, value, at);
    },
  },
  deploy: {
    how: "See below.",
    parse: (node, at, draft) => void readFields(deployFields, node, at, draft),
  },
};
