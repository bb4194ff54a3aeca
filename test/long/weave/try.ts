import { MeshLab } from "../../lab/weave/mesh-lab";
import { CLUSTER } from "./stories/programs";
// try.ts ARGS HOSTS [then: words run with pulumi, separated by ;]
const [args = "{}", hosts = "node1,node2,node3", script = ""] = process.argv.slice(2);
(global as { expect?: unknown }).expect = () => ({ toEqual: () => undefined });
void (async () => {
  const mesh = new MeshLab("weave-long", 5);
  await mesh.up();
  const project = await mesh.project(CLUSTER, hosts.split(","), { password: "open sesame, weave" });
  await project.setConfig("args", args);
  for (const step of script.split(";").filter(Boolean)) {
    const words = step.trim().split(" ");
    const started = Date.now();
    if (words[0] === "hosts") await mesh.setHosts(project, (words[1] ?? "").split(","));
    else if (words[0] === "args") await project.setConfig("args", words.slice(1).join(" "));
    else if (words[0] === "run")
      console.log(await mesh.run(words[1] ?? "", words.slice(2).join(" ")));
    else {
      const { code, stdout, stderr } = await project.run(words);
      console.log(stdout, stderr, code);
    }
    console.log("==", step, Date.now() - started, "ms");
  }
})();
