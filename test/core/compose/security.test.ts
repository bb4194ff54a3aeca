import { web, wrong } from "./helpers";

describe("security", () => {
  it.each<[string, object]>([
    ["privileged: true", { privileged: true }],
    ["read_only: true", { readOnly: true }],
    [
      "cap_add: [NET_ADMIN, CAP_CHOWN]\ncap_drop: [ALL]",
      { capAdd: ["NET_ADMIN", "CAP_CHOWN"], capDrop: ["ALL"] },
    ],
    [
      "security_opt: ['no-new-privileges:true', 'seccomp=unconfined']",
      { securityOpt: ["no-new-privileges:true", "seccomp=unconfined"] },
    ],
    ["sysctls: {net.core.somaxconn: 1024}", { sysctls: { "net.core.somaxconn": "1024" } }],
    ["sysctls: [net.core.somaxconn=1024]", { sysctls: { "net.core.somaxconn": "1024" } }],
  ])("%s", (lines, expected) => {
    expect(web(lines).container).toEqual({ image: "web", ...expected });
  });

  it.each<[string, string]>([
    [
      "cap_add: [net-admin]",
      "cap_add[0]: 'net-admin' is not a capability. Write NET_ADMIN, CAP_NET_ADMIN or ALL.",
    ],
    [
      "security_opt: ['seccomp:./profile.json']",
      "security_opt[0]: a seccomp profile in a file is not supported. Only seccomp=unconfined is.",
    ],
    ["privileged: 2", "privileged: '2' is neither true nor false. Write one of them."],
  ])("refuses %s", (lines, message) => {
    expect(wrong(lines)).toEqual([message]);
  });
});
