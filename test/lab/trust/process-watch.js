/**
 * Looks at the command lines of all processes of this machine, the hosts of a lab among them, again and again: `node
 * process-watch.js`, with a JSON object of texts by name on its first line of input. Prints a line for each process that
 * shows one, "<name> container|host <command line>", once; and says "looking" when it has looked for the first time. Ends with its input.
 */
const fs = require("fs");
const readline = require("readline");

const lines = readline.createInterface({ input: process.stdin });
lines.once("line", (line) => {
  const texts = Object.entries(JSON.parse(line));
  const told = new Set();
  const look = () => {
    for (const pid of fs.readdirSync("/proc")) {
      if (!/^\d+$/.test(pid)) continue;
      let shown;
      let groups;
      try {
        shown = fs.readFileSync(`/proc/${pid}/cmdline`, "latin1");
        if (!texts.some(([, text]) => shown.includes(text))) continue;
        groups = fs.readFileSync(`/proc/${pid}/cgroup`, "latin1");
      } catch {
        continue;
      }
      // What runs in a container shows what its container was given, as `docker inspect` does.
      const where = /docker[-/][0-9a-f]{12}/.test(groups) ? "container" : "host";
      for (const [name, text] of texts) {
        const finding = `${name} ${where} ${shown.replaceAll("\0", " ")}`;
        if (!shown.includes(text) || told.has(finding)) continue;
        told.add(finding);
        console.log(finding);
      }
    }
  };
  look();
  console.log("looking");
  setInterval(look, 5);
});
lines.on("close", () => process.exit(0));
