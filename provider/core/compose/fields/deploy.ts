import type { RestartPolicy } from "../../container-spec";
import { property, setProperty, setScale, type ServiceDraft } from "../draft";
import { into, readFields, refused, withoutEffect, type FieldTable } from "../fields";
import { integer, oneOf, positiveDecimal, size } from "../scalars";

const scale = integer(0, 1000);

const SCALE = "Whole number, 0 to 1000. 1 when absent. The program's own `scale` wins.";

export const limitFields: FieldTable<ServiceDraft> = {
  cpus: property("cpus", positiveDecimal, "As the service's `cpus`."),
  memory: property("memoryBytes", size, "As the service's `mem_limit`."),
  pids: property("pidsLimit", integer(-1), "As the service's `pids_limit`."),
};

export const reservationFields: FieldTable<ServiceDraft> = {
  memory: property("memoryReservationBytes", size, "As the service's `mem_reservation`."),
  cpus: refused("Docker reserves no CPUs on a plain host. Use `limits.cpus` or `cpu_shares`."),
  devices: refused("Ferry does not hand out devices by what they can do. Use `devices`."),
  generic_resources: refused("they belong to Swarm. Place the service with the program's `hosts`."),
};

export const deployResourceFields: FieldTable<ServiceDraft> = {
  limits: {
    how: "`cpus`, `memory` and `pids`.",
    parse: (node, at, draft) => void readFields(limitFields, node, at, draft),
  },
  reservations: {
    how: "`memory`.",
    parse: (node, at, draft) => void readFields(reservationFields, node, at, draft),
  },
};

interface RestartDraft {
  condition?: "none" | "on-failure" | "any";
  attempts?: number;
}

export const restartPolicyFields: FieldTable<RestartDraft> = {
  condition: into(
    "condition",
    oneOf("none", "on-failure", "any"),
    "none, on-failure or any (default).",
  ),
  max_attempts: into("attempts", integer(1), "With on-failure only: how often at most."),
  delay: refused("Docker chooses the pause between restarts itself. Remove it."),
  window: refused("Docker chooses itself when a restart has worked. Remove it."),
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
    how: "`condition` and `max_attempts`, instead of the service's `restart`.",
    parse(node, at, draft) {
      const read: RestartDraft = {};
      if (!readFields(restartPolicyFields, node, at, read)) return;
      const { condition = "any", attempts } = read;
      if (attempts !== undefined && condition !== "on-failure")
        return void at.problem("`max_attempts` needs `condition: on-failure`.");
      const names = { none: "no", "on-failure": "on-failure", any: "always" } as const;
      const policy: RestartPolicy = {
        name: names[condition],
        ...(attempts === undefined ? {} : { maximumRetryCount: attempts }),
      };
      setProperty(draft, "restart", policy, at);
    },
  },
  mode: withoutEffect(oneOf("replicated"), "replicated only; give `replicas`."),
  placement: refused("Ferry places replicas by the program. Use the deployment's `hosts`."),
  labels: refused("they belong to Swarm's services. Use the service's own `labels`."),
  update_config: refused("Ferry updates replicas in its own order. Remove it."),
  rollback_config: refused("Ferry takes a failed move back by itself. Remove it."),
  endpoint_mode: refused("Weave's DNS answers with the addresses of all replicas. Remove it."),
};

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
